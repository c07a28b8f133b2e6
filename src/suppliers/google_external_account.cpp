// The `credential_source` of an external account of Google: where a workload gets its token from. The token
// goes to this library's service, not to Google's.
#include "base/characters.hpp"
#include "base/command_words.hpp"
#include "base/failure.hpp"
#include "base/variable.hpp"
#include "base/wiped.hpp"
#include "core/fetched_token.hpp"
#include "suppliers/file_reader.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/run_program.hpp"
#include "suppliers/supplied_token.hpp"
#include "suppliers/token_url.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <new>
#include <optional>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr char const* path_variable = "GOOGLE_APPLICATION_CREDENTIALS";
constexpr char const* allowed_variable = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";

[[noreturn]] void refuse_file(std::string const& source, std::string_view why) {
    fail(error_kind::config, source + " " + std::string(why));
}

/// Empty if there is no such member.
std::string text_of(json::object const& from, std::string_view name) {
    auto const* const found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

json::object const* object_of(json::object const& from, std::string_view name) {
    auto const* const found = from.if_contains(name);
    return found != nullptr ? found->if_object() : nullptr;
}

/// Overwrites what it releases: the file may hold a secret of the account.
class wiping_resource final : public json::memory_resource {
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        return ::operator new(size, std::align_val_t(alignment));
    }
    void do_deallocate(void* p, std::size_t size, std::size_t alignment) override {
        base::wipe(p, size);
        ::operator delete(p, size, std::align_val_t(alignment));
    }
    bool do_is_equal(memory_resource const& other) const noexcept override { return this == &other; }
};

/// How to get the token, as the file says.
struct account {
    std::string audience, type, impersonated;
    json::object from;  ///< in a wiping resource
    std::string member; ///< of a JSON object, or empty
};

/// Null if the text is no JSON.
json::value parse(std::string_view text) {
    auto const storage = json::make_shared_resource<wiping_resource>();
    boost::system::error_code ec;
    json::parser parser(storage); // its own buffer, too
    parser.reset(storage);
    parser.write(text.data(), text.size(), ec);
    base::wipe_stack_below();
    return ec ? json::value() : parser.release();
}

account read_account(std::string_view text, std::string const& source) {
    auto const document = parse(text);
    auto const* const whole = document.if_object();
    if (whole == nullptr || text_of(*whole, "type") != "external_account")
        refuse_file(source, "is not the configuration of an external account of Google");
    auto const* const from = object_of(*whole, "credential_source");
    if (from == nullptr) refuse_file(source, "has no credential_source");
    if (from->contains("environment_id")) refuse_file(source, "is for AWS: use suppliers::aws");
    if (from->contains("certificate"))
        refuse_file(source, "is for a client certificate, which is not a subject token");
    auto const type = text_of(*whole, "subject_token_type");
    if (type.ends_with(":saml2")) refuse_file(source, "is for a SAML assertion, which is not an ID token");
    account read{text_of(*whole, "audience"),
                 type,
                 text_of(*whole, "service_account_impersonation_url"),
                 json::object(*from, from->storage()),
                 {}};
    if (auto const* const format = object_of(*from, "format")) {
        auto const form = text_of(*format, "type");
        if (form == "json") read.member = text_of(*format, "subject_token_field_name");
        if ((form != "json" && form != "text") || (form == "json" && read.member.empty()))
            refuse_file(source, "has a format that is neither text nor json with a subject_token_field_name");
    }
    return read;
}

/// Of the JSON object in a text; nothing of it is quoted.
subject_token token_at(std::string_view text, std::string const& member, std::string const& source) {
    std::array const path = {member};
    auto const found = core::read_member(text, path);
    if (!found || !found->is_text()) refuse_file(source, "has no text: " + named("member", member));
    return subject_of(found->value, token_types::id_token, source);
}

/// What a program answers (version 1 of its format). Of a failure only a code is quoted.
subject_token token_of_answer(std::string_view output, std::string const& source) {
    auto const document = parse(output);
    auto const* const answer = document.if_object();
    auto const refuse = [&](std::string const& why) { refuse_file("the output of " + source, why); };
    if (answer == nullptr) refuse("is not a JSON object");
    auto const* const success = answer->if_contains("success");
    if (success == nullptr || !success->is_bool() || !success->get_bool()) {
        auto const code = text_of(*answer, "code");
        bool const is_code = core::is_code(code);
        refuse("reports no success" + (is_code ? " (code " + code + ")" : std::string()));
    }
    auto const* const version = answer->if_contains("version");
    if (version == nullptr || !version->is_int64() || version->get_int64() != 1)
        refuse("is not of version 1");
    auto const* const expires = answer->if_contains("expiration_time");
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    if (expires != nullptr && expires->is_int64() &&
        expires->get_int64() <= std::chrono::floor<std::chrono::seconds>(now).count())
        refuse("has expired");
    auto const* const token = answer->if_contains("id_token");
    if (token == nullptr || !token->is_string()) refuse("has no id_token");
    auto const& text = token->get_string();
    return subject_of({text.data(), text.size()}, token_types::id_token, "the output of " + source);
}

class google_supplier final : public kept_supplier {
public:
    explicit google_supplier(std::string path) : path_(std::move(path)) {
        check_no_nul(path_, "suppliers::google_external_account: the path");
    }

    std::string describe() const override {
        return path_.empty() ? "file named by 'GOOGLE_APPLICATION_CREDENTIALS'" : named("file", path_);
    }

private:
    asio::awaitable<subject_token> answer(supply_context context) override {
        auto const path = path_.empty() ? std::string(base::variable(path_variable)) : path_;
        if (path.empty())
            fail_by_variable(path_variable,
                             "environment variable '" + std::string(path_variable) + "' is unset or empty");
        auto const source = named("file", path);
        auto const deadline = context.deadline();
        auto const content = co_await read_file(reader_, path, source, deadline);
        check_read(*content, source);
        auto how = read_account(base::view(content->text), source);
        std::optional<subject_token> token;
        if (auto const file = text_of(how.from, "file"); !file.empty()) {
            token = co_await from_file(reader_, file, how.member, deadline);
        } else if (auto const url = text_of(how.from, "url"); !url.empty()) {
            auto const fetched = by_http(url, how, source);
            token = co_await fetched->supply(std::move(context));
        } else if (auto const* const program = object_of(how.from, "executable")) {
            auto what = command_of(*program, how, source);
            token = co_await from_program(std::move(what), deadline);
        } else {
            refuse_file(source, "has a credential_source without file, url or executable");
        }
        co_return std::move(*token);
    }

    static asio::awaitable<subject_token> from_file(std::shared_ptr<file_reader> reader, std::string path,
                                                    std::string member,
                                                    std::chrono::steady_clock::time_point deadline) {
        check_no_nul(path, "the path of a token file in a configuration of Google");
        auto const source = named("file", path);
        auto const content = co_await read_file(reader, path, source, deadline);
        check_read(*content, source);
        auto const text = base::view(content->text);
        auto token =
            member.empty() ? subject_of(text, token_types::id_token, source) : token_at(text, member, source);
        co_return token;
    }

    static supplier_ptr by_http(std::string const& url, account const& how, std::string const& source) {
        http_options options;
        options.json_member = how.member;
        if (auto const* const headers = object_of(how.from, "headers"))
            for (auto const& [name, value] : *headers)
                if (value.is_string())
                    options.headers.emplace_back(std::string(name), secret(std::string(value.get_string())));
        return base::made_from(source, path_variable, [&] {
            return is_plain_http(url) ? insecure_metadata_http(url, std::move(options))
                                      : http(url, std::move(options));
        });
    }

    static command_line command_of(json::object const& program, account const& how,
                                   std::string const& source) {
        if (base::variable(allowed_variable) != "1")
            fail_by_variable(allowed_variable, source + " runs a program, which " + allowed_variable +
                                                   "=1 allows: set it only if you trust the file");
        auto words = base::command_words(text_of(program, "command"));
        if (!words || words->empty()) refuse_file(source, "has an executable without a command");
        for (auto const& word : *words)
            check_no_nul(word, "the command in a configuration of Google");
        command_line what{std::move(*words), {}, std::chrono::seconds(30)};
        if (auto const* const limit = program.if_contains("timeout_millis")) {
            if (!limit->is_int64() || limit->get_int64() < 5'000 || limit->get_int64() > 120'000)
                refuse_file(source, "has a timeout_millis that is not from 5000 to 120000");
            what.timeout = std::chrono::milliseconds(limit->get_int64());
        }
        auto const set = [&](char const* name, std::string const& value) {
            what.variables.push_back(std::string("GOOGLE_EXTERNAL_ACCOUNT_") + name + "=" + value);
        };
        set("AUDIENCE", how.audience);
        set("TOKEN_TYPE", how.type);
        set("INTERACTIVE", "0");
        if (auto const output = text_of(program, "output_file"); !output.empty()) set("OUTPUT_FILE", output);
        auto const account = how.impersonated.substr(how.impersonated.rfind('/') + 1);
        if (!account.empty()) set("IMPERSONATED_EMAIL", account.substr(0, account.find(':')));
        return what;
    }

    static asio::awaitable<subject_token> from_program(command_line what,
                                                       std::chrono::steady_clock::time_point deadline) {
        auto const source = named("command", what.arguments.front());
        std::optional<subject_token> token;
        auto take = [&](std::string_view output) { token = token_of_answer(output, source); };
        co_await run_program(std::move(what), source, deadline, std::move(take));
        co_return std::move(*token);
    }

    std::string const path_;
    std::shared_ptr<file_reader> const reader_ = std::make_shared<file_reader>();
};

} // namespace

supplier_ptr google_external_account(std::string path) {
    return std::make_shared<google_supplier>(std::move(path));
}

} // namespace equinix::sts::suppliers
