// S13: a network that loses packets, and one that is slow. In a network of this process's own (a namespace
// with nothing but a loopback device), so that nobody else's is touched; for that it takes root.
#include "soak/mock_process.hpp"
#include "soak/rig.hpp"

#include <sched.h>

#include <cstdlib>

namespace soak {
namespace {

bool shell(std::string const& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) ==
           0; // NOLINT(concurrency-mt-unsafe,cert-env33-c)
}

bool own_network() {
    return ::unshare(CLONE_NEWNET) == 0 && shell("ip link set lo up");
}

bool lose(int percent) {
    return shell("nft 'flush ruleset; table inet soak { chain out { type filter hook output priority 0; "
                 "numgen random mod 100 < " +
                 std::to_string(percent) + " drop; }; }'");
}

bool restrain(std::string const& rate) {
    return shell("nft flush ruleset") &&
           shell("tc qdisc add dev lo root tbf rate " + rate + " burst 16kb latency 400ms");
}

struct tally {
    std::uint64_t begun = 0, right = 0, wrong = 0, failed = 0, late = 0;
};

asio::awaitable<void> ask(sts::client client, sts::testing::mock_sts const& mock, sts::subject_token subject,
                          clock::duration deadline, clock::time_point end, tally& all) {
    while (clock::now() < end) {
        auto const scope = "roleassignments:" + std::to_string(all.begun++);
        auto const request = sts::exchange_request(subject).scope(sts::scope(scope)).timeout(deadline);
        auto const begun = clock::now();
        auto const got = co_await client.try_exchange(request);
        if (clock::now() - begun > deadline + seconds(1)) ++all.late;
        if (got.has_error()) {
            ++all.failed;
            continue;
        }
        auto const claims = mock.claims(got->access_token.reveal());
        bool const own = claims && claims->find("\"scope\":\"" + scope + "\"") != std::string::npos;
        ++(own ? all.right : all.wrong);
    }
}

finding under(std::string const& what, extent const& how_much) {
    auto const span = seconds(how_much.of(4, 30));
    auto const deadline = seconds(3);
    sts::testing::mock_sts mock;
    crew all;
    auto options = options_for(mock);
    options.pool.max_connections = 8;
    sts::client const client(all.context.get_executor(), options);
    tally seen;
    auto const end = clock::now() + span;
    sts::subject_token const subject(mock.id_token());
    for (int i = 0; i < 16; ++i)
        all.spawn(ask(client, mock, subject, deadline, end, seen));
    tell("S13: " + what);
    all.join();
    return {"S13", what + ": no wrong result, deadlines of 3 s kept",
            shown(seen.begun) + " exchanges: " + shown(seen.right) + " right, " + shown(seen.wrong) +
                " wrong, " + shown(seen.failed) + " failed, " + shown(seen.late) + " late",
            seen.wrong == 0 && seen.late == 0 && seen.right > 0 && seen.right + seen.failed == seen.begun};
}

} // namespace

report bad_network(extent const& how_much) {
    if (!own_network())
        return {
            {"S13", "packet loss and a slow network", "not run: requires root and the command ip", false}};
    report made;
    for (int const percent : {5, 20}) {
        auto const what = std::to_string(percent) + " % packet loss";
        made.push_back(lose(percent) ? under(what, how_much)
                                     : finding{"S13", what, "not run: requires the command nft", false});
    }
    made.push_back(restrain("100kbit")
                       ? under("100 kbit/s", how_much)
                       : finding{"S13", "100 kbit/s", "not run: requires the command tc", false});
    return made;
}

} // namespace soak
