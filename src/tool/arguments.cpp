#include "tool/arguments.hpp"

#include "base/characters.hpp"
#include "base/command_words.hpp"
#include "tool/check_arguments.hpp"
#include "tool/help.hpp"
#include "tool/options.hpp"

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

/// Sets the name of a variable.
std::function<void(text)> variable_option(text name, std::string& target) {
    return [name, &target](text value) {
        auto const is_of_name = [](char c) { return base::is_alphanumeric(c) || c == '_'; };
        if (value.empty() || !base::all_of(value, is_of_name) || (value[0] >= '0' && value[0] <= '9'))
            throw usage_error(std::string(name) + " needs the name of a variable: letters, digits and _");
        target = value;
    };
}

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
        {"--token-env", variable_option("--token-env", to.token_variable)},
        {"--verbose", to.verbose},
    };
}

/// The options of an exchange without those of these groups.
std::vector<option> exchange_options(exchange_arguments& to, std::initializer_list<option_group> without) {
    auto options = exchange_options(to);
    std::erase_if(options, [&](option const& one) {
        return std::find(without.begin(), without.end(), one.row->group) != without.end();
    });
    return options;
}

std::vector<option> exec_options(exec_arguments& to) {
    auto options = exchange_options(to.exchange, {option_group::several, option_group::output});
    options.emplace_back("--token-file-env", variable_option("--token-file-env", to.token_file_variable));
    return options;
}

std::vector<option> doctor_options(doctor_arguments& to) {
    auto options =
        exchange_options(to.exchange, {option_group::several, option_group::output, option_group::told});
    options.emplace_back("--no-exchange", to.no_exchange);
    options.emplace_back("--json", to.json);
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
        {"--id-token-lifetime",
         [&](text v) {
             to.id_token_lifetime =
                 std::chrono::seconds(number<long>("--id-token-lifetime", v, -(1L << 31), 1L << 31));
         }},
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
            throw usage_error(name.starts_with("--") ? "unknown option " + std::string(name)
                                                     : "an argument is not an option; a command (exec, "
                                                       "doctor or serve-mock) must come first, and "
                                                       "the program of exec after --");
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

void check(arguments const& given) {
    check(given.exchange);
    if (!given.exchange.token_variable.empty() && given.exchange.output != output_form::env)
        throw usage_error("--token-env needs --output env");
    check(given.exec.exchange);
    check(given.doctor.exchange);
    if (!given.exec.token_file_variable.empty() &&
        given.exec.token_file_variable == given.exec.exchange.token_variable)
        throw usage_error("--token-env and --token-file-env need different names");
    if (given.command == command::exec && given.exec.program.empty())
        throw usage_error(
            "exec needs a program after --, as in sts-token exec -- curl https://api.example.com");
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
    } else if (first == "exec") {
        out.command = command::exec;
        options = exec_options(out.exec);
        auto const end = std::find(words.begin(), words.end(), text("--"));
        if (end != words.end()) out.exec.program.assign(end + 1, words.end());
        words = words.first(static_cast<std::size_t>(end - words.begin()));
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
