#include "tool/exchange_command.hpp"

#include "core/environment.hpp"
#include "core/failure.hpp"
#include "tool/secret_source.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

client_options options_of(exchange_arguments const& given) {
    auto options = given.url && given.timeout ? client_options() : client_options::from_environment();
    if (given.url) options.endpoint = endpoint(*given.url);
    options.ca_file = given.ca_file;
    options.client_certificate_file = given.client_certificate_file;
    options.client_key_file = given.client_key_file;
    if (!given.proxy.empty()) options.proxy.emplace(given.proxy.reveal());
    if (given.timeout) options.timeout = *given.timeout;
    if (given.connect_timeout) options.connect_timeout = *given.connect_timeout;
    if (given.max_attempts) options.retry.max_attempts = *given.max_attempts;
    options.max_waiters = std::max<std::size_t>(options.max_waiters, given.parallel);
    options.thread_safe = false;
    return options;
}

/// Makes a value of a secret; when that is refused, the message says where the secret came from.
template <class Make>
auto made_from(std::string const& source, Make make) {
    try {
        return make();
    } catch (error const& refused) {
        core::refuse(source + ": " + refused.info().message);
    }
}

template <class Make>
auto made_from_file(std::string const& option, std::string const& path, Make make) {
    auto const content = secret_from_file(option, path);
    return made_from(option + " '" + path + "'", [&] { return make(content); });
}

std::optional<subject_token> subject_of(exchange_arguments const& given) {
    if (!given.subject_token_file.empty())
        return made_from_file("--subject-token-file", given.subject_token_file,
                              [](secret const& content) { return subject_token(content); });
    if (given.subject_token_env.empty()) return std::nullopt;
    auto const content = secret_from_environment("--subject-token-env", given.subject_token_env);
    return made_from("--subject-token-env " + given.subject_token_env,
                     [&] { return subject_token(content); });
}

/// Whoever is to be asked for the subject token at each exchange; null when nobody.
suppliers::supplier_ptr supplier_of(exchange_arguments const& given) {
    if (!given.subject_token_command.empty()) return suppliers::command(given.subject_token_command);
    namespace names = core::variables;
    bool const by_variable =
        !given.client_credentials && given.subject_token_file.empty() && given.subject_token_env.empty() &&
        !(core::variable(names::subject_token).empty() && core::variable(names::subject_token_name).empty());
    if (!by_variable) return nullptr;
    return suppliers::environment_named_by(names::subject_token_name, names::subject_token);
}

client_authentication authentication_of(exchange_arguments const& given) {
    if (!given.bearer_file.empty())
        return made_from_file("--bearer-file", given.bearer_file,
                              [](secret const& content) { return client_authentication::bearer(content); });
    auto const id = core::variable(core::variables::client_id);
    auto const by_variable = core::variable(core::variables::client_secret);
    if (given.client_credentials && given.client_id.empty() && !id.empty() && !by_variable.empty())
        return client_authentication::secret_post(std::string(id), secret(by_variable));
    if (given.client_secret_file.empty()) return client_authentication::none(given.client_id);
    return made_from_file("--client-secret-file", given.client_secret_file, [&](secret const& content) {
        return given.basic ? client_authentication::secret_basic(given.client_id, content)
                           : client_authentication::secret_post(given.client_id, content);
    });
}

exchange_request request_of(exchange_arguments const& given) {
    auto subject = subject_of(given);
    auto supplier = supplier_of(given);
    if (!given.client_credentials && !subject && !supplier)
        core::refuse(
            "a token exchange needs a subject token: give --subject-token-file, --subject-token-env or "
            "--subject-token-command, or set EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN");
    auto request = given.client_credentials ? exchange_request::client_credentials()
                   : subject                ? exchange_request(*subject)
                                            : exchange_request(supplier);
    if (given.client_credentials && subject) request.subject(std::move(*subject));
    if (given.client_credentials && supplier) request.subject(std::move(supplier));
    auto const by_variable = core::variable(core::variables::scope);
    if (given.scopes.empty() && !by_variable.empty()) request.scope(scope(std::string(by_variable)));
    if (!given.scopes.empty()) {
        scope all(given.scopes.front());
        for (std::size_t i = 1; i < given.scopes.size(); ++i)
            all.add(scope(given.scopes[i]));
        request.scope(std::move(all));
    }
    return request.authentication(authentication_of(given));
}

std::string as_json(token const& got) {
    json::object line;
    line["access_token"] = json::string_view(got.access_token.reveal());
    line["token_type"] = got.token_type;
    if (!got.issued_token_type.empty()) line["issued_token_type"] = got.issued_token_type;
    if (got.expires_in) line["expires_in"] = got.expires_in->count();
    if (got.scope) line["scope"] = *got.scope;
    return json::serialize(line);
}

/// A message with the command's own words for the library's options.
std::string in_our_words(std::string message) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"client_options::ca_file", "--ca-file"},
        {"client_options::client_certificate_file", "--client-cert"},
        {"client_options::client_key_file", "--client-key"},
        {"client_options::connect_timeout", "--connect-timeout-ms"},
        {"client_options::timeout", "--timeout-ms"},
        {"proxy URL", "--proxy"},
        {"endpoint URL", "--url"}};
    for (auto const& [theirs, ours] : words)
        if (auto const at = message.find(theirs); at != std::string::npos)
            message.replace(at, theirs.size(), ours);
    return message;
}

std::string as_json(error_info const& info) {
    auto message = in_our_words(info.message);
    if (info.code.category() != error_category() && info.code.failed()) message += ": " + info.code.message();
    json::object error;
    error["kind"] = json::string_view(to_string(info.kind));
    error["message"] = message;
    error["phase"] = json::string_view(to_string(info.phase));
    error["http_status"] = info.http_status != 0 ? json::value(info.http_status) : json::value();
    error["oauth_error"] = !info.oauth_error.empty() ? json::value(info.oauth_error) : json::value();
    if (!info.oauth_error_description.empty())
        error["oauth_error_description"] = info.oauth_error_description;
    if (info.retry_after) error["retry_after"] = info.retry_after->count();
    error["attempts"] = info.attempts;
    error["retryable"] = info.retryable();
    json::object line;
    line["error"] = std::move(error);
    return json::serialize(line);
}

void print(token const& got, output_form form) {
    switch (form) {
    case output_form::json:
        std::cout << as_json(got);
        break;
    case output_form::header:
        std::cout << "Authorization: Bearer ";
        [[fallthrough]];
    case output_form::token:
        std::cout << got.access_token.reveal();
    }
    std::cout << std::endl; // NOLINT(performance-avoid-endl): whoever reads a pipe wants each line at once
}

void print(error_info const& info, output_form form) {
    // Only the JSON form has a place for an error; the others keep stdout for tokens.
    if (form == output_form::json)
        std::cout << as_json(info) << std::endl; // NOLINT(performance-avoid-endl)
    else
        std::cerr << "sts-token: " << info.to_string() << '\n';
}

/// What is asked, with every secret left out.
void describe(exchange_arguments const& given, client_options const& options,
              exchange_request const& request) {
    auto const& to = options.endpoint;
    std::cerr << "POST https://" << to.authority() << to.target().substr(0, to.target().find('?')) << '\n';
    std::cerr << "  grant_type=" << (given.client_credentials ? "client_credentials" : "token-exchange")
              << '\n';
    if (auto const& scope = request.scope()) std::cerr << "  scope=" << scope->value() << '\n';
    if (auto const& subject = request.subject())
        std::cerr << "  subject_token=[redacted, " << subject->token().size() << " bytes]\n";
    if (auto const& supplier = request.supplier())
        std::cerr << "  subject_token=[redacted, from " << supplier->describe() << "]\n";
    if (!given.client_id.empty()) std::cerr << "  client_id=" << given.client_id << '\n';
}

void describe(unsigned number, std::chrono::nanoseconds took, result<token> const& outcome) {
    std::cerr << "exchange " << number << ": " << std::chrono::duration<double, std::milli>(took).count()
              << " ms, ";
    if (outcome.has_error()) {
        std::cerr << to_string(outcome.error().kind) << " in phase " << to_string(outcome.error().phase)
                  << '\n';
    } else {
        std::cerr << "a token of " << outcome->access_token.size() << " bytes\n";
    }
}

/// What the parallel loops share.
struct progress {
    unsigned started = 0;
    unsigned running = 0;
    bool failed = false;
};

asio::awaitable<void> loop(client sts, exchange_request request, exchange_arguments const& given,
                           progress& all) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer gap(executor);
    while (all.started < given.count) {
        auto const number = ++all.started;
        auto const start = std::chrono::steady_clock::now();
        auto const outcome = co_await sts.try_exchange(request);
        if (given.verbose) describe(number, std::chrono::steady_clock::now() - start, outcome);
        if (outcome.has_error()) {
            all.failed = true;
            print(outcome.error(), given.output);
        } else {
            print(*outcome, given.output);
        }
        if (given.gap.count() > 0 && all.started < given.count) {
            gap.expires_after(given.gap);
            co_await gap.async_wait(asio::use_awaitable);
        }
    }
}

} // namespace

int run_exchanges(exchange_arguments const& given) {
    try {
        auto const options = options_of(given);
        auto const request = request_of(given);
        asio::io_context context(1);
        client const sts(context.get_executor(), options);
        if (given.verbose) describe(given, options, request);
        progress all;
        std::exception_ptr thrown;
        for (unsigned i = 0; i < std::min(given.parallel, given.count); ++i) {
            ++all.running;
            asio::co_spawn(context, loop(sts, request, given, all), [&](std::exception_ptr what) {
                if (what) thrown = what;
                if (--all.running == 0) sts.close();
            });
        }
        context.run();
        if (thrown) std::rethrow_exception(thrown);
        return all.failed ? 1 : 0;
    } catch (error const& refused) {
        print(refused.info(), given.output);
        return 1;
    }
}

} // namespace equinix::sts::tool
