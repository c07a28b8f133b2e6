#include "tool/arguments.hpp"

#include "base/characters.hpp"
#include "base/command_words.hpp"
#include "base/variable.hpp"
#include "tool/help.hpp"
#include "tool/options.hpp"
#include "tool/subject_platform.hpp"
#include "values/variables.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>

namespace equinix::sts::tool {
namespace {

using text = std::string_view;

/// A message does not repeat the value: it may be a secret in the wrong place.
template <class Number>
Number number(text name, text value, Number least, Number most) {
    Number read{};
    auto const* const begin = value.data();
    auto const* const end = begin + value.size();
    auto const result = std::from_chars(begin, end, read);
    if (result.ec != std::errc() || result.ptr != end || read < least || read > most)
        throw usage_error(std::string(name) + " needs a whole number from " + std::to_string(least) + " to " +
                          std::to_string(most));
    return read;
}

std::vector<std::string> words_of(text name, text value) {
    auto words = base::command_words(value);
    if (!words) throw usage_error(std::string(name) + " has a quote that is not closed");
    if (words->empty()) throw usage_error(std::string(name) + " needs a command");
    return std::move(*words);
}

/// The index of a value among those in the table.
std::size_t word(text name, text value) {
    auto const* const row = find_option(name);
    BOOST_ASSERT(row != nullptr && row->kind == value_kind::words);
    std::string list;
    std::size_t index = 0;
    for (text left = row->values; !left.empty(); ++index) {
        auto const known = left.substr(0, left.find(' '));
        if (value == known) return index;
        list.append(list.empty() ? "" : ", ").append(known);
        left.remove_prefix(std::min(known.size() + 1, left.size()));
    }
    throw usage_error(std::string(name) + " needs one of " + list);
}

constexpr long most_ms = 1'000'000'000'000;

/// An option of the table, and the action for its value.
struct option {
    option(text name, std::function<void(text)> what) : row(find_option(name)), set(std::move(what)) {
        BOOST_ASSERT(row != nullptr);
    }
    /// For a path or a name. An empty value would look like none given; it most likely comes from an unset
    /// shell variable.
    option(text name, std::string& target)
        : option(name, [name, &target](text value) {
              if (value.empty()) throw usage_error(std::string(name) + " needs a value that is not empty");
              target = value;
          }) {}
    option(text name, std::optional<std::chrono::milliseconds>& target)
        : option(name, [name, &target](text value) {
              target = std::chrono::milliseconds(number<long>(name, value, 1, most_ms));
          }) {}
    option(text name, bool& target) : option(name, [&target](text) { target = true; }) {}

    option_row const* row;
    std::function<void(text)> set;
};

std::vector<option> exchange_options(exchange_arguments& to) {
    using std::chrono::milliseconds;
    return {
        {"--url", [&](text v) { to.url = std::string(v); }},
        {"--ca-file", to.ca_file},
        {"--scope", [&](text v) { to.scopes.emplace_back(v); }},
        {"--subject-token-file", to.subject_token_file},
        {"--subject-token-env", to.subject_token_env},
        {"--subject-from", to.subject_from},
        {"--subject-audience", to.subject_audience},
        {"--subject-token-command",
         [&](text v) { to.subject_token_command = words_of("--subject-token-command", v); }},
        {"--grant",
         [&](text v) {
             constexpr grant_type grants[] = {grant_type::token_exchange, grant_type::client_credentials,
                                              grant_type::jwt_bearer};
             to.grant = grants[word("--grant", v)];
         }},
        {"--audience", [&](text v) { to.audiences.emplace_back(v); }},
        {"--resource", [&](text v) { to.resources.emplace_back(v); }},
        {"--requested-token-type", to.requested_token_type},
        {"--client-id", to.client_id},
        {"--client-secret-file", to.client_secret_file},
        {"--client-auth",
         [&](text v) {
             using method = client_authentication::method;
             constexpr method methods[] = {method::secret_basic, method::secret_post,
                                           method::private_key_jwt};
             to.client_auth = methods[word("--client-auth", v)];
         }},
        {"--client-assertion-key", to.assertion_key},
        {"--client-assertion-key-id", to.assertion_key_id},
        {"--client-assertion-audience", to.assertion_audience},
        {"--dpop", to.dpop},
        {"--dpop-required", to.dpop_required},
        {"--dpop-key", to.dpop_key},
        {"--signing-alg",
         [&](text v) { to.signing_alg = static_cast<signing_algorithm>(word("--signing-alg", v)); }},
        {"--bearer-file", to.bearer_file},
        {"--timeout-ms", to.timeout},
        {"--attempt-timeout-ms", to.attempt_timeout},
        {"--connect-timeout-ms", to.connect_timeout},
        {"--proxy",
         [&](text v) {
             if (v.empty()) throw usage_error("--proxy needs a value that is not empty");
             to.proxy = secret(v);
         }},
        {"--proxy-header-file", to.proxy_header_file},
        {"--client-cert", to.client_certificate_file},
        {"--client-key", to.client_key_file},
        {"--client-key-passphrase-file", to.client_key_passphrase_file},
        {"--http",
         [&](text v) {
             constexpr http_version versions[] = {http_version::automatic, http_version::http1,
                                                  http_version::http2};
             to.http = versions[word("--http", v)];
         }},
        {"--max-attempts",
         [&](text v) { to.max_attempts = number<unsigned>("--max-attempts", v, 1, 1'000'000); }},
        {"--store", to.store},
        {"--store-key-file", to.store_key_file},
        {"--store-user", to.store_user},
        {"--store-password-file", to.store_password_file},
        {"--store-sentinel-user", to.store_sentinel_user},
        {"--store-sentinel-password-file", to.store_sentinel_password_file},
        {"--store-ca-file", to.store_ca_file},
        {"--store-namespace", to.store_namespace},
        {"--store-identity", to.store_identity},
        {"--count", [&](text v) { to.count = number<unsigned>("--count", v, 1, 1'000'000'000); }},
        {"--parallel", [&](text v) { to.parallel = number<unsigned>("--parallel", v, 1, 100'000); }},
        {"--gap-ms", [&](text v) { to.gap = milliseconds(number<long>("--gap-ms", v, 0, most_ms)); }},
        {"--output", [&](text v) { to.output = static_cast<output_form>(word("--output", v)); }},
        {"--api",
         [&](text v) {
             auto const blank = v.find(' ');
             if (blank == 0 || blank == text::npos || blank + 1 == v.size())
                 throw usage_error(
                     "--api needs a method and a URL, as in 'GET https://api.example.com/v1/ports'");
             to.api_method = v.substr(0, blank);
             to.api_url = v.substr(blank + 1);
             bool const is_method = base::all_of(to.api_method, [](char c) { return c >= 'A' && c <= 'Z'; });
             if (!is_method) throw usage_error("--api needs a method in capital letters, as in GET");
             if (!to.api_url.starts_with("https://") && !to.api_url.starts_with("http://"))
                 throw usage_error("--api needs a whole URL, as in https://api.example.com/v1/ports");
         }},
        {"--verbose", to.verbose},
    };
}

std::vector<option> doctor_options(doctor_arguments& to) {
    auto options = exchange_options(to.exchange);
    std::erase_if(options, [](option const& one) {
        return one.row->group == option_group::several || one.row->group == option_group::output;
    });
    options.emplace_back("--no-exchange", to.no_exchange);
    return options;
}

/// As in `3:409` or `1:400:invalid_scope`.
scripted_failure failure_of(text given) {
    auto const first = given.find(':');
    if (first == text::npos) throw usage_error("--fail needs NUMBER:STATUS[:ERROR], as in 3:409");
    auto const rest = given.substr(first + 1);
    auto const second = std::min(rest.find(':'), rest.size());
    return {number<unsigned>("NUMBER of --fail", given.substr(0, first), 1, 1'000'000),
            number<unsigned>("STATUS of --fail", rest.substr(0, second), 400, 599),
            std::string(rest.substr(std::min(second + 1, rest.size())))};
}

std::vector<option> serve_mock_options(serve_mock_arguments& to) {
    return {
        {"--port", [&](text v) { to.port = number<std::uint16_t>("--port", v, 0, 65535); }},
        {"--dir", to.dir},
        {"--token-audience", to.token_audience},
        {"--lifetime",
         [&](text v) { to.lifetime = std::chrono::seconds(number<long>("--lifetime", v, 0, 1L << 31)); }},
        {"--delay",
         [&](text v) { to.delay = std::chrono::milliseconds(number<long>("--delay", v, 0, 3'600'000)); }},
        {"--fail", [&](text v) { to.failures.push_back(failure_of(v)); }},
    };
}

void read(std::span<char const* const> words, std::vector<option> const& options) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        text const given = words[i];
        auto const equals = given.find('=');
        auto const name = given.substr(0, equals);
        option const* found = nullptr;
        for (auto const& known : options)
            if (known.row->name == name) found = &known;
        // The word is not repeated: it may be a secret in the wrong place.
        if (found == nullptr)
            throw usage_error(
                name.starts_with("--")
                    ? "unknown option " + std::string(name)
                    : "an argument is not an option; a command, doctor or serve-mock, must come first");
        if (found->row->is_flag()) {
            if (equals != text::npos) throw usage_error(std::string(name) + " takes no value");
            found->set({});
        } else if (equals != text::npos) {
            found->set(given.substr(equals + 1));
        } else if (++i < words.size()) {
            found->set(words[i]);
        } else {
            throw usage_error(std::string(name) + " needs a value");
        }
    }
}

void check_keys(exchange_arguments const& given) {
    using method = client_authentication::method;
    bool const signs = given.client_auth == method::private_key_jwt;
    if (signs && given.assertion_key.empty())
        throw usage_error("--client-auth private-key-jwt needs --client-assertion-key");
    if (given.client_auth && !signs && !given.assertion_key.empty())
        throw usage_error("--client-assertion-key needs --client-auth private-key-jwt, or no --client-auth");
    for (auto const& [name, other] : {std::pair("--client-secret-file", &given.client_secret_file),
                                      std::pair("--bearer-file", &given.bearer_file)})
        if (!given.assertion_key.empty() && !other->empty())
            throw usage_error("--client-assertion-key and " + std::string(name) + " exclude each other");
    if (!given.assertion_key.empty() && given.client_id.empty() &&
        base::variable(values::variables::client_id).empty())
        throw usage_error("--client-assertion-key needs --client-id, or EQUINIX_STS_CLIENT_ID");
    if (given.assertion_key.empty() && !(given.assertion_key_id.empty() && given.assertion_audience.empty()))
        throw usage_error(
            "--client-assertion-key-id and --client-assertion-audience need --client-assertion-key");
    bool const binds = given.dpop || given.dpop_required || !given.dpop_key.empty();
    if (given.signing_alg && !binds && given.assertion_key.empty())
        throw usage_error("--signing-alg needs --dpop, --dpop-key or --client-assertion-key");
    if (!given.api_url.empty() && given.output != output_form::header)
        throw usage_error("--api needs --output header");
    if (!given.api_url.empty() && !binds) throw usage_error("--api needs --dpop or --dpop-key");
    if (!given.api_url.empty() && !given.requested_token_type.empty())
        throw usage_error(
            "--api and --requested-token-type exclude each other: only an access token is for an API");
}

void check(exchange_arguments const& given) {
    if (!given.subject_token_file.empty() + !given.subject_token_env.empty() +
            !given.subject_token_command.empty() + !given.subject_from.empty() >
        1)
        throw usage_error("--subject-token-file, --subject-token-env, --subject-token-command and "
                          "--subject-from exclude each other");
    if (!given.subject_from.empty()) check_platform(given.subject_from, given.subject_audience);
    if (given.subject_from.empty() && !given.subject_audience.empty())
        throw usage_error("--subject-audience needs --subject-from");
    if (!given.client_secret_file.empty() && given.client_id.empty() &&
        base::variable(values::variables::client_id).empty())
        throw usage_error("--client-secret-file needs --client-id, or EQUINIX_STS_CLIENT_ID");
    if (!given.client_secret_file.empty() && !given.bearer_file.empty())
        throw usage_error("--client-secret-file and --bearer-file exclude each other");
    if (!given.client_id.empty() && !given.bearer_file.empty())
        throw usage_error("--client-id and --bearer-file exclude each other");
    if (given.client_certificate_file.empty() && !given.client_key_file.empty())
        throw usage_error("--client-key needs --client-cert");
    if (given.client_certificate_file.empty() && given.dpop_key.empty() && given.assertion_key.empty() &&
        !given.client_key_passphrase_file.empty())
        throw usage_error(
            "--client-key-passphrase-file needs --client-cert, --dpop-key or --client-assertion-key");
    check_keys(given);
    if (given.proxy.empty() && !given.proxy_header_file.empty())
        throw usage_error("--proxy-header-file needs --proxy");
    if (given.store.empty())
        for (auto const& [name, value] :
             {std::pair("--store-key-file", &given.store_key_file),
              std::pair("--store-user", &given.store_user),
              std::pair("--store-password-file", &given.store_password_file),
              std::pair("--store-sentinel-user", &given.store_sentinel_user),
              std::pair("--store-sentinel-password-file", &given.store_sentinel_password_file),
              std::pair("--store-ca-file", &given.store_ca_file),
              std::pair("--store-namespace", &given.store_namespace),
              std::pair("--store-identity", &given.store_identity)})
            if (!value->empty()) throw usage_error(std::string(name) + " needs --store");
    if (given.client_auth && given.assertion_key.empty() && given.client_secret_file.empty() &&
        base::variable(values::variables::client_secret).empty())
        throw usage_error("--client-auth needs --client-secret-file, or EQUINIX_STS_CLIENT_SECRET");
}

void check(arguments const& given) {
    check(given.exchange);
    check(given.doctor.exchange);
    if (given.command == command::serve_mock && given.serve_mock.dir.empty())
        throw usage_error("serve-mock needs --dir");
}

} // namespace

arguments parse_arguments(std::span<char const* const> words) {
    arguments out;
    auto const first = words.empty() ? text() : text(words.front());
    std::vector<option> options;
    std::string how = "sts-token ";
    if (first == "serve-mock") {
        out.command = command::serve_mock;
        options = serve_mock_options(out.serve_mock);
    } else if (first == "doctor") {
        out.command = command::doctor;
        options = doctor_options(out.doctor);
    } else {
        options = exchange_options(out.exchange);
    }
    if (out.command != command::exchange) {
        words = words.subspan(1);
        how.append(first).append(" ");
    }
    bool help = false, version = false;
    options.emplace_back("--help", help);
    options.emplace_back("--version", version);
    try {
        read(words, options);
        if (!help && !version) check(out);
    } catch (usage_error const& wrong) {
        throw usage_error(wrong.what() + ("\ntry: " + how) + "--help");
    }
    if (help) out.help = help_of(out.command);
    if (help || version) out.command = help ? command::help : command::version;
    return out;
}

void hide_passwords(std::span<char* const> words) noexcept {
    text const name = "--proxy";
    bool value_follows = false;
    for (auto* const word : words) {
        text const given = word;
        bool const is_option =
            given.starts_with(name) && (given.size() == name.size() || given[name.size()] == '=');
        auto const at = given.rfind('@');
        if ((value_follows || is_option) && at != text::npos) {
            auto const begin = value_follows ? 0 : name.size() + 1;
            std::fill(word + begin, word + at, '*');
        }
        value_follows = is_option && given.size() == name.size();
    }
}

} // namespace equinix::sts::tool
