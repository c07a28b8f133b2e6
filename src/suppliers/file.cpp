#include "base/failure.hpp"
#include "base/variable.hpp"
#include "suppliers/file_reader.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// How long a missing or empty file is given to appear, and how often it is looked for.
constexpr auto rotation_time = std::chrono::milliseconds(500);
constexpr auto between_reads = std::chrono::milliseconds(25);

subject_token token_of(file_content const& content, std::string const& type, std::string const& source) {
    check_read(content, source);
    return subject_of(base::view(content.text), type, source);
}

class file_supplier : public kept_supplier {
public:
    explicit file_supplier(std::string type) : type_(std::move(type)) { check_type(type_); }

    asio::awaitable<subject_token> answer(supply_context context) override {
        auto const file = path();
        auto const source = named("file", file);
        auto const reader = reader_;
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer pause(executor);
        auto const give_up = std::min(clock::now() + rotation_time, context.deadline());
        auto content = co_await read_file(reader, file, source, context.deadline());
        while (content->passing() && clock::now() < give_up) {
            pause.expires_after(between_reads);
            co_await pause.async_wait(asio::use_awaitable);
            content = co_await read_file(reader, file, source, context.deadline());
        }
        auto token = token_of(*content, type_, source);
        co_return token;
    }

private:
    virtual std::string path() const = 0;

    std::string type_;
    std::shared_ptr<file_reader> reader_ = std::make_shared<file_reader>();
};

class named_file_supplier final : public file_supplier {
public:
    named_file_supplier(std::string path, std::string type)
        : file_supplier(std::move(type)), path_(std::move(path)) {
        if (path_.empty()) base::refuse("the path of a subject token file is empty");
        check_no_nul(path_, "the path of a subject token file");
    }

    std::string describe() const override { return named("file", path_); }

private:
    std::string path() const override { return path_; }

    std::string path_;
};

class azure_supplier final : public file_supplier {
public:
    azure_supplier() : file_supplier(token_types::id_token) {}

    std::string describe() const override { return "file named by 'AZURE_FEDERATED_TOKEN_FILE'"; }

private:
    std::string path() const override {
        auto const value = base::variable("AZURE_FEDERATED_TOKEN_FILE");
        if (value.empty())
            fail_by_variable("AZURE_FEDERATED_TOKEN_FILE",
                             "environment variable 'AZURE_FEDERATED_TOKEN_FILE' is unset or empty");
        return std::string(value);
    }
};

} // namespace

supplier_ptr file(std::string path, std::string type) {
    return std::make_shared<named_file_supplier>(std::move(path), std::move(type));
}

supplier_ptr kubernetes(std::string path) {
    return file(std::move(path));
}

supplier_ptr azure_federated_token() {
    return std::make_shared<azure_supplier>();
}

} // namespace equinix::sts::suppliers
