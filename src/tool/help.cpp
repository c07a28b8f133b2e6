#include "tool/help.hpp"

namespace equinix::sts::tool {

std::string_view const exchange_help = R"(sts-token: exchanges a subject token for an access token

  sts-token [options]          exchange, and print the answer
  sts-token doctor [options]   find out what is wrong with a set-up
  sts-token serve-mock ...     run a mock of the service on loopback

What to ask
  --url U                      the whole token endpoint
  --scope S                    what the token is for; may be repeated
  --grant G                    token-exchange, client-credentials, jwt-bearer
  --audience A --resource U    where it will be used; may be repeated
  --requested-token-type T     a URN, for what is no access token
  --subject-token-file F       a file with the ID token, or
  --subject-token-env NAME       a variable with it, or
  --subject-token-command CMD    a command that prints it; no shell runs
  --client-id I                with --client-secret-file F, its secret
  --client-auth A              basic (default) or post (form fields)
  --bearer-file F              Authorization: Bearer with the file's content
Connection
  --ca-file F                  trust these authorities, not the system's
  --client-cert F --client-key F   our own certificate; F may have both
  --client-key-passphrase-file F   what its key is encrypted with
  --proxy URL                  http://[user:password@]host:port
  --proxy-header-file F        more headers for it, Name: value, a line each
  --timeout-ms N               bound on an exchange, retries included (30000)
  --attempt-timeout-ms N       bound on one attempt (10000)
  --connect-timeout-ms N       bound on opening a connection (5000)
  --max-attempts N             the first included (4)
Several exchanges over one pool
  --count N --parallel P --gap-ms M
Output
  --output json|token|header   one line an exchange (json)
  --verbose                    what is asked, and each step with its time
  --help, --version

Without an option these variables count: EQUINIX_STS_ENDPOINT (base URL),
_CLIENT_ID and _CLIENT_SECRET, EQUINIX_API_TIMEOUT,
EQUINIX_TOKEN_EXCHANGE_SCOPE, _SUBJECT_TOKEN and _SUBJECT_TOKEN_ENV_VAR.
Exit: 0 all succeeded, 1 any failed, 2 unknown or ill-formed option.
More: sts-token doctor --help, sts-token serve-mock --help, man sts-token.
)";

std::string_view const doctor_help =
    R"(sts-token doctor: finds out what is wrong with a set-up, and what to do

  sts-token doctor [options]

Takes the options and variables of an exchange (sts-token --help), but for
--count, --parallel, --gap-ms, --output and --verbose. It looks at the endpoint,
the scope, the ID token (issuer, audience, subject, how long it is good), the
name, TCP, proxy and TLS on the way, the server's certificate, the two clocks,
and what would be sent; then it exchanges once, without a retry. It prints no
secret. A single-use ID token is used up by that:

  --no-exchange                stop before the exchange
  --help, --version

Exit: 0 nothing is wrong, 1 something is, 2 unknown or ill-formed option.
)";

std::string_view const serve_mock_help = R"(sts-token serve-mock: a mock of the service, for tests

  sts-token serve-mock --dir D [options]

Serves on 127.0.0.1 with real TLS until it is interrupted. Into D it writes
ca.pem, the authority to trust, and id_token, which it accepts for 24 hours;
they are there once it has printed its three lines.

  --dir D                      where these files go; made if missing
  --port P                     default: any free one
  --lifetime S                 expires_in of its access tokens (3600)
  --delay MS                   wait before each answer
  --fail N:STATUS[:ERROR]      answer the Nth request with a status, and an
                               OAuth error if given: 3:409, 1:400:invalid_scope;
                               may be repeated
  --token-audience A           mint the ID token for another audience
  --help, --version
)";

} // namespace equinix::sts::tool
