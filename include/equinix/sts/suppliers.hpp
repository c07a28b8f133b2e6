/// \file
/// Ready-made suppliers of subject tokens.
///
/// Each function checks its arguments and throws `sts::error` of kind `config` if one is invalid. No
/// supplier performs I/O before it is asked for a token, but `ambient()` reads up to three local files when
/// it is called. Any number of requests, clients and threads may share a supplier. Unless stated otherwise
/// the token is an OIDC ID token; `type` is one of `token_types`.
///
/// The failures below are those of `supply()`. An exchange reports them with phase `supplier`.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/subject_token_supplier.hpp>
#include <equinix/sts/token_source.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Ready-made suppliers of subject tokens.
namespace equinix::sts::suppliers {

/// The pointer to a supplier that requests hold. Any number of requests may share it.
using supplier_ptr = std::shared_ptr<subject_token_supplier>;

/// Returns a supplier of a fixed token. Never fails.
EQUINIX_STS_DECL supplier_ptr literal(subject_token token);

/// Returns a supplier that reads an environment variable at each exchange. Fails with kind `config` if the
/// variable is unset, empty or not a token. (POSIX has no safe way to change the environment while another
/// thread reads it.)
EQUINIX_STS_DECL supplier_ptr environment(std::string name, std::string type = token_types::id_token);

/// Returns a supplier that reads the variable whose *name* is the value of the variable `name_variable`, or
/// the variable `fallback` if `name_variable` is unset or empty. Reads both at each exchange. Fails as
/// `environment()` does.
EQUINIX_STS_DECL supplier_ptr environment_named_by(std::string name_variable, std::string fallback,
                                                   std::string type = token_types::id_token);

/// Returns a supplier that reads a file at each exchange. White space at both ends is not part of the token.
/// If the file is missing or empty, the supplier tries again for up to 500 ms, because a rotation may be in
/// progress.
///
/// A thread of the supplier reads the file, because it may be on a slow disk. The thread exists only while
/// there is something to read.
///
/// Fails with kind `config` if the file cannot be read, is empty, is larger than 64 KiB or does not hold a
/// token; with kind `timeout` if it cannot be read before the exchange's deadline; with kind `network` if no
/// thread can be started.
EQUINIX_STS_DECL supplier_ptr file(std::string path, std::string type = token_types::id_token);

/// How to run a command. Set members on a named object.
struct command_options {
    command_options() = default;

    /// The maximum run time. Default 30 s; positive.
    std::chrono::nanoseconds timeout = std::chrono::seconds(30);

    /// The type of the token that the command prints, one of `token_types`. Default: an ID token.
    std::string type = token_types::id_token;
};

/// Returns a supplier that runs a program at each exchange. `arguments` are the program's name (looked up in
/// `PATH` if it has no `/`) and its arguments. No shell is involved. If the program exits with 0, its output,
/// without white space at both ends, is the token.
///
/// The program runs in its own process group, without input. Its stderr is discarded, because it may contain
/// secrets. On cancellation or timeout the whole group is killed.
///
/// Fails with kind `config` if the program cannot be started, fails or prints no token; with kind `timeout`
/// if its time limit passes.
EQUINIX_STS_DECL supplier_ptr command(std::vector<std::string> arguments,
                                      command_options options = command_options());

/// How to fetch a token by HTTP. Set members on a named object.
struct http_options {
    http_options() = default;

    /// The method: `GET`, `POST` or `PUT`. Default: empty; then `POST` if there is a body, and `GET`
    /// otherwise.
    std::string method;

    /// The body of the request, sent as it is; it may be a secret. `Content-Type` is `application/json`
    /// unless `headers` has one. Not with `GET`. Default: none.
    secret body;

    /// Further header fields of the request. The values may be secrets. Default: none.
    std::vector<std::pair<std::string, secret>> headers;

    /// The member of a JSON object that holds the token. Default: empty; then the whole body, without white
    /// space at both ends, is the token.
    std::string json_member;

    /// As `json_member`, for a token that is deeper in the object: a JSON pointer (RFC 6901), for example
    /// `/data/token` or `/tokens/0/value`. Only one of the two may be set. Default: empty.
    std::string json_pointer;

    /// The type of the fetched token, one of `token_types`. Default: an ID token.
    std::string type = token_types::id_token;

    /// The options of the connection. `timeout`, `connect_timeout`, `attempt_timeout`, `retry`, `proxy`, the
    /// TLS members and the limits apply; `endpoint`, `headers` and the pool's size do not. There is no pool:
    /// each fetch opens its own connection.
    client_options connection;
};

/// Returns a supplier that fetches an `https` URL on the library's own transport. Does not follow
/// redirects. Retries failed requests by the rules of `retry_options`, whatever the method. Fails with the
/// same kinds of error as an exchange.
EQUINIX_STS_DECL supplier_ptr http(std::string_view url, http_options options = http_options());

/// Returns a supplier that fetches a plain `http` URL, for the metadata server of a machine. The connection
/// is not encrypted and the server is not authenticated, so the host must resolve to a loopback or link-local
/// address (or to `fd00:ec2::254`, the metadata address of AWS). Never uses a proxy. Fails as `http()` does;
/// with kind `config` if the host resolves to another address.
EQUINIX_STS_DECL supplier_ptr insecure_metadata_http(std::string_view url,
                                                     http_options options = http_options());

/// Returns a supplier that calls a function of the program. The function must not block. Several threads
/// that run the client's executor may call it at the same time. Fails with the `sts::error` that the
/// function throws; for any other exception, with kind `config` and without its text, which may contain a
/// secret.
EQUINIX_STS_DECL supplier_ptr callback(std::function<subject_token()> function);

/// Returns a supplier that awaits a coroutine of the program. Each call runs on a strand of its own, so
/// several calls may be in progress at the same time. Fails as `callback()` does.
EQUINIX_STS_DECL supplier_ptr
coroutine(std::function<boost::asio::awaitable<subject_token>(supply_context)> function);

/// Returns a supplier that asks `members` in order until one supplies a token. The member that last supplied
/// one is asked first. Fails if all fail: the error lists the reason of each, and its kind is that of the
/// last one.
EQUINIX_STS_DECL supplier_ptr chain(std::vector<supplier_ptr> members);

/// Returns a supplier of the token that another token service issues: a chain of exchanges, as in identity
/// chaining, with an `id_jag` and with transaction tokens. `source` keeps the token, refreshes it, and
/// fetches another when this service has refused it.
///
/// If `type` is empty, the type is the other service's `issued_token_type`, or an access token if there is
/// none. The request of `source` selects the kind of token by `requested_token_type()`, and its audience by
/// `audience()` or `resource()`. Fails with the errors of `source`.
EQUINIX_STS_DECL supplier_ptr exchange(token_source source, std::string type = std::string());

/// Returns a supplier for a job of GitHub Actions, which needs `permissions: id-token: write`. Sends a
/// request to `ACTIONS_ID_TOKEN_REQUEST_URL` with `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, both read at each
/// exchange. Retries twice after a 403, which GitHub sometimes returns temporarily, unless the options have a
/// classifier. Ignores the method, the body and the JSON members of the options. Fails as `http()` does; with
/// kind `config` if a variable is unset or empty.
EQUINIX_STS_DECL supplier_ptr github_actions(std::string audience, http_options options = http_options());

/// Returns a supplier for a job of GitLab CI: it reads the variable that the job's `id_tokens:` names, at
/// each exchange. GitLab sets it when the job starts, and does not renew it. Fails as `environment()` does.
EQUINIX_STS_DECL supplier_ptr gitlab(std::string variable);

/// Returns a supplier for a job of CircleCI: it reads `CIRCLE_OIDC_TOKEN_V2`, or `CIRCLE_OIDC_TOKEN` if that
/// is unset, at each exchange. The audience of these tokens is the organisation's UUID. Fails as
/// `environment()` does.
EQUINIX_STS_DECL supplier_ptr circleci();

/// As above, for an audience of your own: runs `circleci run oidc get` at each exchange, for up to a minute,
/// and at most until the exchange's deadline. Fails as `command()` does.
EQUINIX_STS_DECL supplier_ptr circleci(std::string audience);

/// Returns a supplier for a step of Bitbucket Pipelines with `oidc: true`: it reads
/// `BITBUCKET_STEP_OIDC_TOKEN` at each exchange. The step's `oidc:` sets its audiences. Fails as
/// `environment()` does.
EQUINIX_STS_DECL supplier_ptr bitbucket();

/// Returns a supplier for a job of Buildkite: it runs `buildkite-agent oidc request-token` at each
/// exchange, for up to a minute, and at most until the exchange's deadline. The agent retries failed
/// requests, so raise `client_options::timeout`. Fails as `command()` does.
EQUINIX_STS_DECL supplier_ptr buildkite(std::string audience);

/// Returns a supplier for a job of Azure Pipelines. Sends a request to `SYSTEM_OIDCREQUESTURI` with
/// `SYSTEM_ACCESSTOKEN`, which a step maps in its `env:`; both are read at each exchange. The token is that
/// of the service connection with this identifier or, if the identifier is empty, of the pipeline. The
/// platform sets the audience, `api://AzureADTokenExchange`. Ignores the method, the body and the JSON
/// members of the options. Fails as `http()` does; with kind `config` if a variable is unset or empty.
EQUINIX_STS_DECL supplier_ptr azure_pipelines(std::string service_connection = std::string(),
                                              http_options options = http_options());

/// Returns a supplier of identity tokens of HashiCorp Vault or OpenBao, by a role of its identity secrets
/// engine. The role determines the audience (its `client_id`). Reads at each exchange `BAO_ADDR`, `BAO_TOKEN`
/// and `BAO_NAMESPACE` or, for those that are unset or empty, `VAULT_ADDR`, `VAULT_TOKEN` and
/// `VAULT_NAMESPACE`; without a token in a variable, the file `~/.vault-token`. Trusts the authorities of
/// `BAO_CACERT` or `BAO_CAPATH` (`VAULT_CACERT`, `VAULT_CAPATH`) if the options name none. An `http` address
/// must be a loopback or link-local one. Ignores the method, the body and the JSON members of the options.
/// Fails as `http()` does; with kind `config` if there is no address or no token.
EQUINIX_STS_DECL supplier_ptr vault(std::string role, http_options options = http_options());

/// Returns a supplier for a run of HCP Terraform: it reads the variable `TFC_WORKLOAD_IDENTITY_TOKEN`, or
/// `TFC_WORKLOAD_IDENTITY_TOKEN_<TAG>` if `tag` is not empty. Fails as `environment()` does.
EQUINIX_STS_DECL supplier_ptr hcp_terraform(std::string tag = std::string());

/// Returns a supplier of the projected service account token of a Kubernetes pod. `path` is the one in the
/// pod's specification. Reads it, and fails, as `file()` does.
EQUINIX_STS_DECL supplier_ptr kubernetes(std::string path = "/var/run/secrets/tokens/equinix-sts");

/// How to get a token of AWS. Set members on a named object.
struct aws_options {
    aws_options() = default;

    /// The region of the request. Default: empty; then `AWS_REGION`, `AWS_DEFAULT_REGION`, or the region of
    /// the machine by its metadata service.
    std::string region;

    /// The algorithm of the token's signature: `RS256` or `ES384`. Default `RS256`.
    std::string signing_algorithm = "RS256";

    /// The lifetime of the token, from 60 s to 1 h. Default 5 min.
    std::chrono::seconds lifetime = std::chrono::minutes(5);

    /// The options of the connections, as in `http_options::connection`.
    client_options connection;
};

/// Returns a supplier of the tokens that AWS issues for use outside AWS (`sts:GetWebIdentityToken`, for
/// which the account must have outbound identity federation enabled). The request is signed (Signature
/// Version 4) with access keys from, in this order, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
/// `AWS_SESSION_TOKEN`; the endpoint of a container (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or
/// `_FULL_URI`, with `AWS_CONTAINER_AUTHORIZATION_TOKEN` or its `_FILE`); the metadata service of a machine
/// (IMDSv2), unless `AWS_EC2_METADATA_DISABLED` is `true`. Temporary keys are kept until five minutes
/// before they expire, until they expire if no others can be fetched, or until the service refuses them.
/// `AWS_ENDPOINT_URL_STS` replaces the address of the service. All variables are read at each exchange.
/// Errors contain the error code of AWS, also in `error_info::service_code`. If
/// `AWS_WEB_IDENTITY_TOKEN_FILE` or `AWS_PROFILE` selects another identity, that of the machine is not used
/// instead: the call fails with kind `config`.
EQUINIX_STS_DECL supplier_ptr aws(std::string audience, aws_options options = aws_options());

/// Returns a supplier that uses the metadata server of Google Cloud, or the one that `GCE_METADATA_HOST`
/// names. Time limits: 1 s to connect, 5 s for an attempt, 10 s in total. Fails as `insecure_metadata_http()`
/// does.
EQUINIX_STS_DECL supplier_ptr gcp_metadata(std::string audience);

/// Returns a supplier of the subject token that a configuration file of Google for an external account
/// describes. Its `credential_source` is a file, a URL or an executable, which returns the token as text or
/// in JSON. The token is the one that the file's owner would send to Google. Reads the configuration file
/// at each exchange; if `path` is empty, the variable `GOOGLE_APPLICATION_CREDENTIALS` contains its path.
/// Runs an executable, without a shell, only if `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES` is `1`. A URL
/// with plain `http` must be that of a loopback or link-local address. Fails as `file()`, `http()` and
/// `command()` do.
EQUINIX_STS_DECL supplier_ptr google_external_account(std::string path = std::string());

/// Returns a supplier for Azure's workload identity: it reads the file that `AZURE_FEDERATED_TOKEN_FILE`
/// names, at each exchange. Fails as `file()` does; with kind `config` if the variable is unset or empty.
EQUINIX_STS_DECL supplier_ptr azure_federated_token();

/// Returns a supplier for the platform that the program runs on: the first of these that the environment
/// shows when this function is called.
///
/// - `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR` or `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN`:
///   `environment_named_by()`
/// - `ACTIONS_ID_TOKEN_REQUEST_URL` or `GITHUB_ACTIONS`: `github_actions()`
/// - `GITLAB_CI`: `gitlab()` with the variable `<AUDIENCE>_ID_TOKEN`, in capitals, `_` for other characters
/// - `CIRCLECI`: `circleci(audience)`
/// - `BITBUCKET_STEP_OIDC_TOKEN` or `BITBUCKET_BUILD_NUMBER`: `bitbucket()`
/// - `BUILDKITE`: `buildkite()`
/// - `SYSTEM_OIDCREQUESTURI`: `azure_pipelines()`
/// - `TFC_WORKLOAD_IDENTITY_TOKEN`: `hcp_terraform()`
/// - the file `/var/run/secrets/tokens/equinix-sts`: `kubernetes()`
/// - `AZURE_FEDERATED_TOKEN_FILE`: `azure_federated_token()`
/// - `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI`,
///   `AWS_ACCESS_KEY_ID`, or a machine of Amazon EC2: `aws()`
/// - `GCE_METADATA_HOST`, `K_SERVICE` or `CLOUD_RUN_JOB`, or a machine of Google: `gcp_metadata()`
///
/// `describe()` names the platform and how it was recognised. `audience` is passed to the suppliers that
/// take one; for Azure Pipelines, Bitbucket, HCP Terraform, Kubernetes and Azure, the platform's
/// configuration sets the audience. Throws an error of kind `config` that lists what was looked for, if
/// nothing is found.
EQUINIX_STS_DECL supplier_ptr ambient(std::string audience);

} // namespace equinix::sts::suppliers
