#include "tool/help.hpp"

#include "tool/arguments.hpp"
#include "tool/options.hpp"

#include <algorithm>

namespace equinix::sts::tool {
namespace {

/// The options of a group, one per line; their descriptions begin in the same column if there is room.
std::string lines_of(option_group group) {
    constexpr std::size_t column = 31;
    std::string all, line = " ";
    for (auto const& row : option_table) {
        if (row.group != group) continue;
        line.append(" ").append(row.name).append(row.is_flag() ? "" : " ").append(row.value);
        if (row.joins_next()) {
            if (row.is_flag()) line += ',';
            continue;
        }
        line.resize(std::max(line.size() + (line.size() < column ? 1 : 3), column), ' ');
        for (char const c : row.help.empty() ? row.about : row.help)
            line.append(1, c).append(c == '\n' ? column : 0, ' ');
        all.append(line).append(row.may_repeat() ? "; may be repeated\n" : "\n");
        line.resize(1);
    }
    return all;
}

constexpr char exchange_before[] = R"(sts-token: exchanges a subject token for an access token
  sts-token [options]          exchange, and print the response
  sts-token exec ... -- CMD    run a program with a token
  sts-token doctor [options]   find out what is wrong with a set-up
  sts-token serve-mock ...     run a mock of the service on loopback

Request
)";

constexpr char exchange_after[] = R"(
Variables for options that are not given: EQUINIX_STS_ENDPOINT (base URL),
_CLIENT_ID and _CLIENT_SECRET, EQUINIX_API_TIMEOUT,
EQUINIX_TOKEN_EXCHANGE_SCOPE, _SUBJECT_TOKEN and _SUBJECT_TOKEN_ENV_VAR.
Exit: 0 all succeeded, 2 wrong option, else by the kind of error: man sts-token.
)";

constexpr char exec_before[] = R"(sts-token exec: runs a program with an access token

  sts-token exec [options] -- PROGRAM [ARGUMENT ...]

Takes the options and variables of an exchange (sts-token --help), except
--count, --parallel, --gap-ms, --output and --api. The program gets the token
in a variable, or in a file that is kept current while it runs. The file is in
memory, only this user can read it, and it is removed at the end:

)";

constexpr char exec_after[] = R"(
Exit: that of the program, or 128 and the number of the signal that ended it;
126 if it cannot be run, 127 if it is not found; without a token, as sts-token.
)";

constexpr char doctor_before[] =
    R"(sts-token doctor: finds out what is wrong with a set-up, and what to do

  sts-token doctor [options]

Takes the options and variables of an exchange (sts-token --help), except
those under "Several exchanges" and "Output". It checks the
endpoint, the scope, the keys, the ID token (issuer, audience, subject,
lifetime), the connection (name, TCP, proxy, TLS), the server's certificate,
both clocks and the request, then it exchanges once, without a retry. It prints
no secret. The exchange uses up a single-use ID token:

)";

constexpr char doctor_after[] = R"(
Exit: 0 no problem, 1 a problem, 2 unknown or invalid option.
)";

constexpr char serve_mock_before[] = R"(sts-token serve-mock: a mock of the service, for tests

  sts-token serve-mock --dir D [options]

Serves on 127.0.0.1 with real TLS until it is interrupted. It writes two files
to D: ca.pem, the authority to trust, and id_token, which it accepts. Both exist
once it has printed its three lines.

)";

} // namespace

std::string help_of(command which) {
    using enum option_group;
    if (which == command::doctor) return doctor_before + lines_of(doctor) + lines_of(common) + doctor_after;
    if (which == command::exec)
        return exec_before + lines_of(told) + lines_of(exec) + lines_of(common) + exec_after;
    if (which == command::serve_mock) return serve_mock_before + lines_of(serve_mock) + lines_of(common);
    return exchange_before + lines_of(ask) + "Connection\n" + lines_of(connection) +
           "Sharing: no exchange if the store has a token\n" + lines_of(store) +
           "Several exchanges over one pool\n" + lines_of(several) + "Output\n" + lines_of(output) +
           lines_of(told) + lines_of(common) + exchange_after;
}

} // namespace equinix::sts::tool
