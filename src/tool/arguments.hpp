// The command line of sts-token.
#pragma once

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace equinix::sts::tool {

/// An unknown or ill-formed option: the text for stderr, with the help to read.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class output_form {
    json,           ///< one object per line
    token,          ///< the bare access token
    header,         ///< `Authorization: Bearer ...`, or the two lines of a bound token
    env,            ///< `NAME=token`
    curl_config,    ///< the header as a line of a file for `curl --config`
    exec_credential ///< an object for a credential plugin of Kubernetes
};

struct exchange_arguments {
    std::optional<std::string> url;
    std::string ca_file;
    std::vector<std::string> scopes;
    std::string subject_token_file, subject_token_env;
    std::vector<std::string> subject_token_command;
    std::string subject_from, subject_audience; ///< a platform, and the audience of its token
    std::optional<grant_type> grant;            ///< absent: determined by the other options
    std::vector<std::string> audiences, resources;
    std::string requested_token_type;
    std::string client_id, client_secret_file, bearer_file;
    std::optional<client_authentication::method> client_auth; ///< absent: determined by the other options
    std::string assertion_key, assertion_key_id, assertion_audience;
    bool dpop = false, dpop_required = false;
    std::string dpop_key;
    std::optional<signing_algorithm> signing_alg;
    std::string api_method, api_url; ///< of the call to prove; empty without one
    secret proxy;                    // may hold a password
    std::string proxy_header_file;
    std::string client_certificate_file, client_key_file, client_key_passphrase_file;
    std::optional<std::chrono::milliseconds> timeout, attempt_timeout, connect_timeout;
    std::optional<unsigned> max_attempts;
    std::optional<http_version> http;
    std::string store; ///< a directory or the URL of Redis; empty without a store
    std::string store_key_file, store_user, store_password_file, store_sentinel_user;
    std::string store_sentinel_password_file, store_ca_file, store_namespace, store_identity;
    unsigned count = 1, parallel = 1;
    std::chrono::milliseconds gap{0};
    output_form output = output_form::json;
    std::string token_variable; ///< empty: `usual_token_variable`
    bool verbose = false;
};

/// The variable in which Equinix's own tools look for an access token.
inline constexpr char usual_token_variable[] = "EQUINIX_API_TOKEN";

struct exec_arguments {
    exchange_arguments exchange;
    std::string token_file_variable; ///< empty: no file
    std::vector<std::string> program;
};

struct doctor_arguments {
    exchange_arguments exchange;
    bool no_exchange = false, json = false;
};

/// A request that the mock answers with a status, and an OAuth error if one is given.
struct scripted_failure {
    unsigned request = 0; ///< 1 for the first
    unsigned status = 0;
    std::string oauth_error;
};

struct serve_mock_arguments {
    std::uint16_t port = 0;
    std::string dir;
    std::string token_audience;
    std::chrono::seconds lifetime = std::chrono::hours(1);
    std::chrono::seconds id_token_lifetime = std::chrono::hours(24); ///< as the certificate's
    std::chrono::milliseconds delay{0};
    std::vector<scripted_failure> failures;
};

enum class command { exchange, exec, doctor, serve_mock, help, version };

struct arguments {
    tool::command command = command::exchange;
    std::string help; ///< what `--help` prints, if it was given
    exchange_arguments exchange;
    exec_arguments exec;
    doctor_arguments doctor;
    serve_mock_arguments serve_mock;
};

/// Parses the arguments after the program's name. Throws `usage_error`.
arguments parse_arguments(std::span<char const* const> words);

/// Overwrites the proxy passwords in the command line, which every user of the machine can read. To be called
/// after `parse_arguments`, before anything else.
void hide_passwords(std::span<char* const> words) noexcept;

} // namespace equinix::sts::tool
