// The options of sts-token in one table, which the help, the shells' completions and the headings of the
// manual page are generated from. test/tool/option_pages.cpp generates the installed ones.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace equinix::sts::tool {

/// The subject of an option, which decides which commands take it.
enum class option_group {
    ask,        ///< of exchanges and of doctor
    connection, ///< likewise
    store,      ///< likewise
    several,    ///< of exchanges
    output,     ///< likewise
    told,       ///< of exchanges and of exec
    exec,       ///< of exec only
    doctor,     ///< of doctor only
    serve_mock, ///< of serve-mock only
    common      ///< of every command
};

/// The kind of an option's value, for a shell that offers completions.
enum class value_kind {
    text,
    words, ///< one of `values`
    hints, ///< like one of `values`, or something else
    url,
    file,
    folder,
    variable
};

/// How an option is used; to be combined by `|`.
enum option_use : unsigned {
    once = 0,
    repeats = 1,
    in_next = 2 ///< the help shows it on one line with the next
};

struct option_row {
    option_group group;
    std::string_view name;
    std::string_view value;     ///< the placeholder of its value; empty for a flag, which takes none
    std::string_view about;     ///< one line
    std::string_view help = {}; ///< what the help prints instead of `about`
    value_kind kind = value_kind::text;
    std::string_view what = {};   ///< the value in a word
    std::string_view values = {}; ///< separated by blanks, like the following
    unsigned use = once;
    std::string_view excludes = {};

    constexpr bool is_flag() const noexcept { return value.empty(); }
    constexpr bool may_repeat() const noexcept { return (use & repeats) != 0; }
    constexpr bool joins_next() const noexcept { return (use & in_next) != 0; }
};

// clang-format off
inline constexpr auto option_table = [] {
    using enum option_group;
    using enum value_kind;
    return std::to_array<option_row>({
        {ask, "--url", "U", "the full URL of the token endpoint", "", url, "URL", "", in_next},
        {ask, "--scope", "S", "the scope of the token", "endpoint; scope of the token", hints, "scope",
            "ern: roleassignments: projectpolicies: orgpolicies:", repeats},
        {ask, "--grant", "G", "the grant", "token-exchange, client-credentials, jwt-bearer", words, "grant",
            "token-exchange client-credentials jwt-bearer"},
        {ask, "--audience", "A", "the service that will receive the token", "", text, "name", "", repeats | in_next},
        {ask, "--resource", "U", "the service that will receive the token, as a URI", "where the token will be used",
            url, "URI", "", repeats},
        {ask, "--requested-token-type", "T", "the type of the token", "a URN, if not an access token", hints, "type",
            "urn:ietf:params:oauth:token-type:jwt urn:ietf:params:oauth:token-type:id-jag "
            "urn:ietf:params:oauth:token-type:txn_token"},
        {ask, "--subject-token-file", "F", "a file with the ID token", "a file with the ID token, or", file, "file", "",
            once, "--subject-token-env --subject-token-command --subject-from"},
        {ask, "--subject-token-env", "NAME", "a variable with the ID token", "",
            variable, "variable", "", in_next, "--subject-token-file --subject-token-command --subject-from"},
        {ask, "--subject-token-command", "CMD", "a command that prints the ID token", "another source, or", text,
            "command", "", once, "--subject-token-file --subject-token-env --subject-from"},
        {ask, "--subject-from", "PLATFORM", "the platform that has the ID token", "", hints, "platform",
            "ambient aws azure azure-pipelines bitbucket buildkite circleci gcp github gitlab: google-file hcp-terraform "
            "kubernetes vault:", in_next, "--subject-token-file --subject-token-env --subject-token-command"},
        {ask, "--subject-audience", "A", "the audience of the platform's ID token", "a platform; audience there", text,
            "audience"},
        {ask, "--client-id", "I", "the client's id", "", text, "id", "", in_next, "--bearer-file"},
        {ask, "--client-secret-file", "F", "the client's secret", "the client's id and secret", file, "file", "", once,
            "--bearer-file"},
        {ask, "--client-auth", "A", "how the client authenticates", "", words, "method", "basic post private-key-jwt",
            in_next},
        {ask, "--bearer-file", "F", "Authorization: Bearer with the file's content",
            "basic, post, private-key-jwt; or a bearer", file, "file", "", once, "--client-id --client-secret-file"},
        {ask, "--client-assertion-key", "F|URI", "the key that signs the client's assertions", "", file, "file or URI",
            "", in_next, "--client-secret-file --bearer-file"},
        {ask, "--client-assertion-key-id", "K", "the key's id at the service", "sign assertions", text, "id"},
        {ask, "--client-assertion-audience", "A", "the audience of the assertions",
            "their audience (the endpoint's URL)", text, "audience"},
        {ask, "--dpop", "", "bind the token to a new key (DPoP)", "", text, "", "", in_next},
        {ask, "--dpop-required", "", "refuse a token that is not bound", "bind the token to a new key; insist on it"},
        {ask, "--dpop-key", "F|URI", "bind the token to this key", "", file, "file or URI", "", in_next},
        {ask, "--signing-alg", "A", "the algorithm of the keys", "bind it to this key; its algorithm", words, "algorithm",
            "ES256 ES384 ES512 EdDSA RS256 PS256"},
        {connection, "--ca-file", "F", "trust these authorities, not the system's", "", file, "file"},
        {connection, "--client-cert", "F", "the client certificate", "", file, "file", "", in_next},
        {connection, "--client-key", "F", "the key of the client certificate",
            "client certificate and key; F may hold both", file, "file"},
        {connection, "--client-key-passphrase-file", "F", "the passphrase of the key", "the passphrase or PIN of the keys",
            file, "file"},
        {connection, "--proxy", "URL", "http://[user:password@]host:port", "", text, "URL", "", in_next},
        {connection, "--proxy-header-file", "F", "headers for the proxy, one Name: value per line",
            "http://[user:pw@]host:port; headers", file, "file"},
        {connection, "--timeout-ms", "N", "time limit of an exchange with retries (30000)", "", text, "ms"},
        {connection, "--attempt-timeout-ms", "N", "time limit of one attempt (10000)", "", text, "ms", "", in_next},
        {connection, "--connect-timeout-ms", "N", "time limit of opening a connection (5000)",
            "their limits (10000, 5000)", text, "ms"},
        {connection, "--http", "V", "the protocol: auto, 1.1 or 2 (auto)", "", words, "version", "auto 1.1 2", in_next},
        {connection, "--max-attempts", "N", "attempts, including the first (5)",
            "protocol: auto, 1.1, 2 (auto); attempts (5)", text, "number"},
        {store, "--store", "DIR|URL", "share tokens through a directory, or Redis", "", hints, "store",
            "redis:// rediss:// redis+unix: redis+sentinel:// redis+cluster://", in_next},
        {store, "--store-key-file", "F", "the keys that seal the tokens", "directory or redis://HOST; its keys", file,
            "file"},
        {store, "--store-user", "U", "the user in Redis", "", text, "name", "", in_next},
        {store, "--store-password-file", "F", "the password in Redis", "log in to Redis", file, "file"},
        {store, "--store-sentinel-user", "U", "the user at the sentinels", "", text, "name", "", in_next},
        {store, "--store-sentinel-password-file", "F", "the password at the sentinels", "log in to sentinels", file,
            "file"},
        {store, "--store-ca-file", "F", "trust these authorities for Redis", "", file, "file", "", in_next},
        {store, "--store-namespace", "N", "share only within this namespace", "", text, "name", "", in_next},
        {store, "--store-identity", "NAME", "stands for the subject token", "trust; with whom", text, "name"},
        {several, "--count", "N", "the number of exchanges", "", text, "number", "", in_next},
        {several, "--parallel", "P", "the number of concurrent exchanges", "", text, "number", "", in_next},
        {several, "--gap-ms", "M", "pause after each, in ms", "number, concurrency, pause after each", text, "ms"},
        {output, "--output", "FORM", "the form of the output",
            "", words, "form", "json token header env curl-config exec-credential", in_next},
        {output, "--api", "METHOD URL", "add the proof for this call of an API",
            "json, token, header, env,\ncurl-config, exec-credential; proof for a call", text, "call"},
        {told, "--token-env", "NAME", "the variable for the token (EQUINIX_API_TOKEN)", "", variable, "variable"},
        {told, "--verbose", "", "print the request, and each step with its time"},
        {exec, "--token-file-env", "NAME", "the variable for the path of the token's file", "", variable,
            "variable"},
        {doctor, "--no-exchange", "", "stop before the exchange"},
        {doctor, "--json", "", "print the findings as one JSON object"},
        {serve_mock, "--dir", "D", "the folder for its files", "the folder for these files; created if missing",
            folder, "folder"},
        {serve_mock, "--port", "P", "the port (default: any free one)", "", text, "port"},
        {serve_mock, "--lifetime", "S", "expires_in of its access tokens (3600)", "", text, "seconds"},
        {serve_mock, "--id-token-lifetime", "S", "lifetime of its ID token (86400); < 0: expired", "", text, "seconds"},
        {serve_mock, "--delay", "MS", "delay of each response, in ms", "", text, "ms"},
        {serve_mock, "--fail", "N:STATUS[:ERROR]", "answer the Nth request with a status, as in 3:409",
            "answer the Nth request with this, as in 3:409 or\n1:400:invalid_scope", text,
            "NUMBER:STATUS[:ERROR]", "", repeats},
        {serve_mock, "--token-audience", "A", "issue the ID token for another audience", "", text, "audience"},
        {common, "--help", "", "print the options", "", text, "", "", in_next},
        {common, "--version", "", "print the version", "print this help, or the version"},
    });
}();
// clang-format on

/// The row of an option; null if there is none.
constexpr option_row const* find_option(std::string_view name) noexcept {
    auto const* const at = std::find_if(option_table.begin(), option_table.end(),
                                        [&](option_row const& row) { return row.name == name; });
    return at == option_table.end() ? nullptr : at;
}

} // namespace equinix::sts::tool
