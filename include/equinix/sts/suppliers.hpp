/// \file
/// Ready suppliers of subject tokens.
///
/// Each function checks what it is given and throws `sts::error` of kind `config`. None does I/O before it is
/// asked for a token. What they return may be shared by any number of requests, clients and threads. Unless
/// said otherwise a token is an OIDC ID token; `type` is one of `token_types`.
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

namespace equinix::sts::suppliers {

/// What a request holds of a supplier; shared by as many as like.
using supplier_ptr = std::shared_ptr<subject_token_supplier>;

/// Always the same token.
EQUINIX_STS_DECL supplier_ptr literal(subject_token token);

/// An environment variable, read at each exchange. An error of kind `config` when it is unset or empty.
/// (POSIX has no safe way to change the environment while another thread reads it.)
EQUINIX_STS_DECL supplier_ptr environment(std::string name, std::string type = token_types::id_token);

/// The variable whose *name* is the value of the variable `name_variable`, or `fallback` where that is unset
/// or empty. Both are read at each exchange.
EQUINIX_STS_DECL supplier_ptr environment_named_by(std::string name_variable, std::string fallback,
                                                   std::string type = token_types::id_token);

/// A file, read at each exchange by a thread of the supplier's own (it may lie on a slow disk), which is
/// there only while there is something to read. White space at both ends is not part of the token. A file
/// that is missing or empty is tried again for up to 500 ms: it may be in the middle of its rotation. An
/// error of kind `config` when it cannot be read, is empty, larger than 64 KiB or no token.
EQUINIX_STS_DECL supplier_ptr file(std::string path, std::string type = token_types::id_token);

/// How a command is run. Set members on a named object.
struct command_options {
    command_options() = default;

    /// Most time it may take. Default 30 s; positive.
    std::chrono::nanoseconds timeout = std::chrono::seconds(30);

    /// What kind of token it prints, one of `token_types`. Default: an ID token.
    std::string type = token_types::id_token;
};

/// The output of a program: `arguments` are its name (looked up in `PATH` when it has no `/`) and what it is
/// given, without a shell. It runs in a process group of its own, with no input; what it says on stderr goes
/// nowhere, as it may hold secrets. When it ends with 0 its output, without white space at both ends, is the
/// token. On cancellation, or when its time is over, the whole group is killed. An error of kind `config`
/// when it cannot be started, fails or prints no token; of kind `timeout` when its time is over.
EQUINIX_STS_DECL supplier_ptr command(std::vector<std::string> arguments,
                                      command_options options = command_options());

/// Where a token is fetched by HTTP, and how. Set members on a named object.
struct http_options {
    http_options() = default;

    /// Further header fields. The values may be secrets.
    std::vector<std::pair<std::string, secret>> headers;

    /// The member of a JSON object that holds the token. Empty: the whole body, without white space at both
    /// ends, is the token.
    std::string json_member;

    /// What kind of token it is, one of `token_types`. Default: an ID token.
    std::string type = token_types::id_token;

    /// How to connect, what to trust, how often to try: `timeout`, `connect_timeout`, `attempt_timeout`,
    /// `retry`, `proxy`, the members of TLS and the limits count; `endpoint`, `headers` and the pool's size
    /// do not. A token is not pooled for: each fetch has a connection of its own.
    client_options connection;
};

/// A `GET` of an `https` URL with the library's own transport. Redirects are not followed.
EQUINIX_STS_DECL supplier_ptr http(std::string_view url, http_options options = http_options());

/// The same over plain `http`, for the metadata server of a machine: nothing is encrypted, and nobody
/// verified. Refused unless the host, once resolved, is a loopback or link-local address. Never through a
/// proxy.
EQUINIX_STS_DECL supplier_ptr insecure_metadata_http(std::string_view url,
                                                     http_options options = http_options());

/// A function of the program's own. It must not block, and may be called from several threads that run the
/// client's executor at a time.
EQUINIX_STS_DECL supplier_ptr callback(std::function<subject_token()> function);

/// A coroutine of the program's own. Each call runs on a strand of its own, so that several may be under way.
EQUINIX_STS_DECL supplier_ptr
coroutine(std::function<boost::asio::awaitable<subject_token>(supply_context)> function);

/// Asks one after another until one supplies; whoever did is asked first from then on. When all fail, the
/// error tells each one's reason; its kind is the last one's.
EQUINIX_STS_DECL supplier_ptr chain(std::vector<supplier_ptr> members);

/// The token that another token service gave: a chain of exchanges, as in identity chaining, with an `id_jag`
/// and with transaction tokens. The source keeps it, refreshes it, and fetches another when this service has
/// refused it. Without a type it counts as what its service called it (`issued_token_type`), else as an
/// access token. The request of the source says what kind is wanted, by `requested_token_type()`, and for
/// whom, by `audience()` or `resource()`. An error of the source is the supplier's.
EQUINIX_STS_DECL supplier_ptr exchange(token_source source, std::string type = std::string());

/// A job of GitHub Actions (which needs `permissions: id-token: write`): a request to
/// `ACTIONS_ID_TOKEN_REQUEST_URL` with `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, both read at each exchange. A 403,
/// which GitHub answers at times for a moment, is tried again twice, unless the options have a classifier of
/// their own. `json_member` does not count.
EQUINIX_STS_DECL supplier_ptr github_actions(std::string audience, http_options options = http_options());

/// A run of HCP Terraform: the variable `TFC_WORKLOAD_IDENTITY_TOKEN`, or
/// `TFC_WORKLOAD_IDENTITY_TOKEN_<TAG>`.
EQUINIX_STS_DECL supplier_ptr hcp_terraform(std::string tag = std::string());

/// The projected service account token of a Kubernetes pod, at the path that the pod's specification says.
EQUINIX_STS_DECL supplier_ptr kubernetes(std::string path = "/var/run/secrets/tokens/equinix-sts");

/// The metadata server of Google Cloud, or the one that `GCE_METADATA_HOST` names.
EQUINIX_STS_DECL supplier_ptr gcp_metadata(std::string audience);

/// Azure's workload identity: the file that `AZURE_FEDERATED_TOKEN_FILE` names, read at each exchange.
EQUINIX_STS_DECL supplier_ptr azure_federated_token();

} // namespace equinix::sts::suppliers
