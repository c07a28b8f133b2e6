#include "tool/arguments.hpp"

#include <charconv>
#include <functional>
#include <limits>
#include <string_view>

namespace equinix::sts::tool {
namespace {

using text = std::string_view;

/// One option: its name and what it does with its value; a flag takes none.
struct option {
    text name;
    std::function<void(text)> set;
    bool is_flag = false;
};

template <class Number>
Number number(text name, text value, Number least = 0, Number most = std::numeric_limits<Number>::max()) {
    Number read{};
    auto const* const end = value.data() + value.size();
    auto const result = std::from_chars(value.data(), end, read);
    if (result.ec != std::errc() || result.ptr != end || read < least || read > most)
        throw usage_error(std::string(name) + ": '" + std::string(value) + "' is no number from " +
                          std::to_string(least) + " to " + std::to_string(most));
    return read;
}

/// The index of a value in a list of words.
std::size_t word(text name, text value, std::initializer_list<text> words) {
    std::size_t index = 0;
    for (auto const known : words) {
        if (value == known) return index;
        ++index;
    }
    std::string list;
    for (auto const known : words)
        list += (list.empty() ? "" : ", ") + std::string(known);
    throw usage_error(std::string(name) + ": '" + std::string(value) + "' is none of " + list);
}

std::function<void(text)> into(std::string& target) {
    return [&target](text value) { target = value; };
}

std::vector<option> exchange_options(exchange_arguments& to) {
    constexpr long day_ms = 24L * 3600 * 1000;
    using std::chrono::milliseconds;
    return {
        {"--url", [&](text v) { to.url = std::string(v); }},
        {"--ca-file", into(to.ca_file)},
        {"--scope", [&](text v) { to.scopes.emplace_back(v); }},
        {"--subject-token-file", into(to.subject_token_file)},
        {"--subject-token-env", into(to.subject_token_env)},
        {"--grant",
         [&](text v) {
             to.client_credentials = word("--grant", v, {"token-exchange", "client-credentials"}) == 1;
         }},
        {"--client-id", into(to.client_id)},
        {"--client-secret-file", into(to.client_secret_file)},
        {"--client-auth", [&](text v) { to.basic = word("--client-auth", v, {"post", "basic"}) == 1; }},
        {"--bearer-file", into(to.bearer_file)},
        {"--timeout-ms",
         [&](text v) { to.timeout = milliseconds(number<long>("--timeout-ms", v, -day_ms, day_ms)); }},
        {"--max-attempts", [&](text v) { to.max_attempts = number<unsigned>("--max-attempts", v, 1, 100); }},
        {"--count", [&](text v) { to.count = number<unsigned>("--count", v, 1); }},
        {"--parallel", [&](text v) { to.parallel = number<unsigned>("--parallel", v, 1, 100'000); }},
        {"--gap-ms", [&](text v) { to.gap = milliseconds(number<long>("--gap-ms", v, 0, day_ms)); }},
        {"--output",
         [&](text v) {
             to.output = static_cast<output_form>(word("--output", v, {"json", "token", "header"}));
         }},
        {"--verbose", [&](text) { to.verbose = true; }, true},
    };
}

std::vector<option> serve_mock_options(serve_mock_arguments& to) {
    return {
        {"--port", [&](text v) { to.port = number<std::uint16_t>("--port", v); }},
        {"--dir", into(to.dir)},
        {"--token-audience", into(to.token_audience)},
        {"--lifetime",
         [&](text v) { to.lifetime = std::chrono::seconds(number<long>("--lifetime", v, 0, 1L << 31)); }},
    };
}

void read(std::span<char const* const> words, std::vector<option> const& options) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        text const given = words[i];
        auto const equals = given.find('=');
        auto const name = given.substr(0, equals);
        option const* found = nullptr;
        for (auto const& known : options)
            if (known.name == name) found = &known;
        // The word is not repeated: it may be a secret that was put in the wrong place.
        if (found == nullptr)
            throw usage_error(name.starts_with("--") ? "unknown option " + std::string(name)
                                                     : "an argument that is no option; see --help");
        if (found->is_flag) {
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

void check(exchange_arguments const& given) {
    if (!given.subject_token_file.empty() && !given.subject_token_env.empty())
        throw usage_error("--subject-token-file and --subject-token-env exclude each other");
    if (!given.client_secret_file.empty() && given.client_id.empty())
        throw usage_error("--client-secret-file needs --client-id");
    if (!given.client_secret_file.empty() && !given.bearer_file.empty())
        throw usage_error("--client-secret-file and --bearer-file exclude each other");
}

} // namespace

arguments parse_arguments(std::span<char const* const> words) {
    arguments out;
    for (text const given : words) {
        if (given == "--help" || given == "-h") out.command = command::help;
        if (given == "--version") out.command = command::version;
        if (out.command != command::exchange) return out;
    }
    if (!words.empty() && text(words.front()) == "serve-mock") {
        out.command = command::serve_mock;
        read(words.subspan(1), serve_mock_options(out.serve_mock));
        if (out.serve_mock.dir.empty()) throw usage_error("serve-mock needs --dir");
        return out;
    }
    read(words, exchange_options(out.exchange));
    check(out.exchange);
    return out;
}

std::string_view help() noexcept {
    return R"(sts-token: exchanges a subject token for an access token

  sts-token [options]                     exchange, and print the answer
  sts-token serve-mock --dir D [--port P] run a mock of the service on loopback

what to ask
  --url U                    whole token endpoint (default: the service's public one)
  --scope S                  may be repeated
  --grant G                  token-exchange (default) or client-credentials
  --subject-token-file F | --subject-token-env NAME
client
  --client-id I              with --client-secret-file F: client authentication
  --client-auth A            post (form fields, default) or basic
  --bearer-file F            Authorization: Bearer with the file's content
connection
  --ca-file F                trust these authorities instead of the system's
  --timeout-ms N             bound on each exchange (default 30000)
  --max-attempts N           the first included
several
  --count N --parallel P --gap-ms M
output
  --output json|token|header one line an exchange (default json)
  --verbose                  what is asked and how long it takes, on stderr
  --help, --version
mock
  --token-audience A         mint the ID token for another audience
  --lifetime S               expires_in of its access tokens

No token or secret is taken from the command line. A trailing line end of a file
is not part of its secret. Exit: 0 all succeeded, 1 any failed, 2 wrong options.
)";
}

} // namespace equinix::sts::tool
