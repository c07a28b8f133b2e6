#include "base/failure.hpp"
#include "base/secret_text.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/program.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/this_coro.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

/// Stops the program when the coroutine that asked for it ends, however that ends.
class stopped_at_exit {
public:
    explicit stopped_at_exit(std::shared_ptr<program> what) : what_(std::move(what)) {}
    stopped_at_exit(stopped_at_exit const&) = delete;
    stopped_at_exit& operator=(stopped_at_exit const&) = delete;
    ~stopped_at_exit() { what_->stop(); }

private:
    std::shared_ptr<program> what_;
};

[[noreturn]] void fail_unknown(std::string const& source, error_code why) {
    auto message = source + " was started, but its exit status cannot be determined: ";
    if (why == boost::system::errc::no_child_process)
        message += "SIGCHLD is ignored, or something else in this process waits for its children";
    else
        message += why.message();
    fail(error_kind::config, message, why);
}

std::shared_ptr<program> run(asio::any_io_executor const& executor, std::vector<std::string> const& arguments,
                             std::string const& source) {
    try {
        return std::make_shared<program>(executor, arguments);
    } catch (boost::system::system_error const& failed) {
        fail(error_kind::config, source + " cannot be started: " + failed.code().message(), failed.code());
    }
}

void check_size(program const& printed, std::string const& source) {
    if (printed.too_much())
        fail(error_kind::config, "the output of " + source + " " + std::string(base::too_large));
}

/// How the program ended, empty if it has not; throws when it must be ended.
std::optional<exit_status> look(program& at, std::string const& source, error_code waiting) {
    if (at.late()) fail(error_kind::timeout, source + " did not end in time and was killed");
    check_size(at, source);
    if (waiting) throw boost::system::system_error(waiting); // cancelled
    error_code unknown;
    auto const status = at.process().ended(unknown);
    if (unknown) fail_unknown(source, unknown);
    return status;
}

subject_token token_of(program& ended, exit_status status, std::string const& type,
                       std::string const& source) {
    if (status.value != 0)
        fail(error_kind::config,
             source + (status.by_signal ? " was terminated by signal " : " failed with exit code ") +
                 std::to_string(status.value));
    ended.take(); // not to the end of file: a process left in the background may hold it open
    check_size(ended, source);
    auto token = subject_of(ended.output(), type, "the output of " + source);
    ended.process().let_go();
    return token;
}

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

    asio::awaitable<subject_token> answer(supply_context context) override {
        auto const source = describe();
        auto const executor = co_await asio::this_coro::executor;
        auto const started = run(executor, arguments_, source);
        stopped_at_exit const guard(started);
        auto const now = clock::now();
        started->start(context.deadline() - now < options_.timeout ? context.deadline()
                                                                   : now + options_.timeout);
        std::optional<exit_status> status;
        while (!status) {
            auto const waited = co_await started->wait();
            status = look(*started, source, waited);
        }
        auto token = token_of(*started, *status, options_.type, source);
        co_return token;
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
