// The command sts-token where a system call is missing or denied from its start.
#include "support/denied_call.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/sanitized.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <sys/syscall.h>

#include <cerrno>
#include <string>
#include <vector>

using namespace test;
namespace testing = equinix::sts::testing;

namespace {

struct fixture {
    testing::mock_sts mock;
    folder in;
    std::string const command = std::string(STS_TOKEN) + " --url " + mock.url() + " --ca-file " +
                                in.file("ca.pem", mock.ca_pem()) +
                                " --scope roleassignments:1 --output header --subject-token-command 'cat " +
                                in.file("id_token", mock.id_token()) + "' 2>&1";

    ran without(long call, int error) const {
        ran result;
        without_call(call, error, [&] { result = shell(command); });
        return result;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_denied, fixture)

BOOST_AUTO_TEST_CASE(L15_a_token_comes_without_what_there_is_another_way_for) {
    std::vector<long> calls = {SYS_pidfd_open, SYS_timerfd_create, SYS_eventfd2, SYS_prctl, SYS_rseq};
    if (!TEST_SANITIZED) calls.push_back(SYS_prlimit64); // which a sanitizer itself cannot do without
    for (auto const call : calls)
        for (int const error : {ENOSYS, EPERM}) {
            auto const got = without(call, error);
            BOOST_TEST(got.exit_code == 0, got.output);
            BOOST_TEST(got.output.starts_with("Authorization: Bearer "), got.output);
        }
}

BOOST_AUTO_TEST_CASE(L15_randomness_that_is_missing_is_named) {
    for (int const error : {ENOSYS, EPERM}) {
        auto const got = without(SYS_getrandom, error);
        BOOST_TEST((got.exit_code == 0 || contains(got.output, "getrandom()")), got.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
