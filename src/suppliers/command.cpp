#include "base/failure.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/run_program.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

#include <optional>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

class command_supplier final : public kept_supplier {
public:
    command_supplier(std::vector<std::string> arguments, command_options options)
        : arguments_(std::move(arguments)), options_(std::move(options)) {
        if (arguments_.empty() || arguments_.front().empty())
            base::refuse("suppliers::command needs the name of a program");
        for (auto const& argument : arguments_)
            check_no_nul(argument, "an argument of suppliers::command");
        if (options_.timeout <= options_.timeout.zero())
            base::refuse("command_options::timeout", " must be positive");
        check_type(options_.type);
    }

    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        command_line what{arguments_, {}, options_.timeout};
        auto const deadline = context.deadline();
        auto const source = describe();
        std::optional<subject_token> token;
        auto take = [&](std::string_view output) {
            token = subject_of(output, options_.type, "the output of " + source);
        };
        co_await run_program(std::move(what), source, deadline, std::move(take));
        co_return std::move(*token);
    }

    std::string describe() const override { return named("command", arguments_.front()); }

private:
    std::vector<std::string> arguments_;
    command_options options_;
};

} // namespace

supplier_ptr command(std::vector<std::string> arguments, command_options options) {
    return std::make_shared<command_supplier>(std::move(arguments), std::move(options));
}

} // namespace equinix::sts::suppliers
