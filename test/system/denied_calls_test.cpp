// System calls that are missing or denied: there is another way, or an error that says what is wrong.
#include "base/keyed_digest.hpp"
#include "suppliers/asking.hpp"
#include "support/denied_call.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/sanitized.hpp"
#include "support/token_source.hpp"
#include "system/scripted_system.hpp"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::phase;

namespace {

/// What a user does with the library: each gives a token or throws.
struct uses : service {
    folder place;
    std::string const path = place.file("token", mock.id_token());

    uses() { scripted::name("sts.test", {"127.0.0.1"}); }

    std::string token_for(sts::client_options const& with, sts::exchange_request const& what) const {
        asio::io_context own; // which opens what it works with under the filter
        sts::client const used(own.get_executor(), with);
        started one(own, used, what);
        return std::string(one.wait().value().access_token.reveal());
    }
    std::string token_by(suppliers::supplier_ptr const& supplier) const {
        return token_for(one_attempt(),
                         sts::exchange_request(supplier).scope(sts::scope::role_assignments("1")));
    }
    std::string exchanged() const { return token_for(one_attempt(), request()); }
    std::string looked_up() const {
        auto with = one_attempt();
        with.endpoint = sts::endpoint("https://sts.test:" + std::to_string(mock.port()) + "/use/token");
        with.tls.insecure_skip_verification = true;
        return token_for(with, request());
    }
    std::string from_a_source() const {
        asio::io_context own;
        sts::token_source const source(sts::client(own.get_executor(), one_attempt()), request());
        waiting one(own, [&] { return source.try_get(); });
        return std::string(one.wait().value()->access_token.reveal());
    }
    std::string from_a_cache() const {
        asio::io_context own;
        sts::token_cache const cache(sts::client(own.get_executor(), one_attempt()));
        waiting one(own, [&] { return cache.try_get(request()); });
        return std::string(one.wait().value()->access_token.reveal());
    }
    std::string from_a_file() const { return token_by(suppliers::file(path)); }
    std::string from_a_command() const { return token_by(suppliers::command({"cat", path})); }
    std::string from_another_mock() const {
        sts::testing::mock_sts const other;
        auto with = one_attempt();
        with.endpoint = sts::endpoint(other.url());
        with.tls.ca_pem = other.ca_pem();
        return token_for(with, sts::exchange_request(sts::subject_token(other.id_token()))
                                   .scope(sts::scope::role_assignments("1")));
    }

    using use = std::pair<char const*, std::string (uses::*)() const>;
    static constexpr use all[] = {{"exchange", &uses::exchanged},    {"look-up", &uses::looked_up},
                                  {"source", &uses::from_a_source},  {"cache", &uses::from_a_cache},
                                  {"file", &uses::from_a_file},      {"command", &uses::from_a_command},
                                  {"mock", &uses::from_another_mock}};

    /// Without a call all goes on as with it.
    void all_work_without(long call, std::vector<int> const& errors = {ENOSYS, EPERM}) const {
        for (int const error : errors)
            without_call(call, error, [&] {
                for (auto const& [name, of] : all)
                    BOOST_TEST(!(this->*of)().empty(), name << " without " << call << ": " << error);
            });
    }

    /// Without a call each use works, or there is an error of ours that says why.
    void all_are_told_without(long call, std::vector<int> const& errors = {ENOSYS, EPERM}) const {
        for (int const error : errors)
            without_call(call, error, [&] {
                for (auto const& [name, of] : all) {
                    try {
                        BOOST_TEST(!(this->*of)().empty(), name);
                    } catch (sts::error const& told) {
                        auto const& info = told.info();
                        BOOST_TEST_MESSAGE(name << " without " << call << ": " << told.what());
                        // The mock lacks the call too: of its silence the client knows no reason.
                        if (of == &uses::from_another_mock && info.kind == error_kind::timeout) continue;
                        BOOST_TEST(contains(told.what(), std::strerror(error)), name << ": " << told.what());
                        BOOST_TEST(!info.message.empty(), name);
                        BOOST_TEST((info.phase != phase::none || info.kind == error_kind::config), name);
                    } catch (std::runtime_error const& of_the_mock) {
                        BOOST_TEST(contains(of_the_mock.what(), "mock_sts cannot start: "), name);
                    }
                }
            });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(denied_calls, uses)

BOOST_AUTO_TEST_CASE(L15_without_pidfd_open_a_command_is_waited_for_in_another_way) {
    all_work_without(SYS_pidfd_open, {ENOSYS, EPERM, EACCES, EINVAL, EMFILE});
}

BOOST_AUTO_TEST_CASE(L15_without_timerfd_create) {
    all_work_without(SYS_timerfd_create);
}

BOOST_AUTO_TEST_CASE(L15_without_eventfd) {
    all_work_without(SYS_eventfd2);
}

BOOST_AUTO_TEST_CASE(L15_without_getrandom_once_it_was_there) {
    all_work_without(SYS_getrandom);
}

BOOST_AUTO_TEST_CASE(L15_without_what_the_libraries_below_try_first) {
    for (auto const call : {SYS_prlimit64, SYS_sysinfo, SYS_uname, SYS_getpeername, SYS_set_robust_list,
                            SYS_membarrier, SYS_madvise, SYS_fadvise64, SYS_getdents64})
        all_work_without(call);
}

BOOST_AUTO_TEST_CASE(L15_without_clone3) {
    all_work_without(SYS_clone3, {ENOSYS});
    all_are_told_without(SYS_clone3, {EPERM});
}

BOOST_AUTO_TEST_CASE(L14_a_thread_that_cannot_be_started_is_told_where_it_was_wanted) {
    std::vector<sts::error_info> told;
    without_call(SYS_clone3, EPERM, [&] {
        for (auto const of : {&uses::looked_up, &uses::from_a_file}) {
            try {
                (this->*of)();
            } catch (sts::error const& failed) {
                told.push_back(failed.info());
            }
        }
    });
    BOOST_REQUIRE(told.size() == 2U);
    for (auto const& info : told) {
        BOOST_TEST(info.kind == error_kind::network);
        BOOST_TEST(contains(info.message, "no thread could be started"), info.message);
        BOOST_TEST(contains(info.message, std::strerror(EPERM)), info.message);
        BOOST_TEST((info.code == boost::system::error_code(EPERM, boost::system::system_category())));
    }
    BOOST_TEST(told[0].phase == phase::dns);
    BOOST_TEST(told[1].phase == phase::supplier);
}

BOOST_AUTO_TEST_CASE(L15_without_epoll_create1) {
    all_are_told_without(SYS_epoll_create1);
}

#if !TEST_ASAN // UBSan asks by a pipe whether an object is one
BOOST_AUTO_TEST_CASE(L15_without_pipe2) {
    all_are_told_without(SYS_pipe2);
}
#endif

BOOST_AUTO_TEST_CASE(L15_without_waitid) {
    all_are_told_without(SYS_waitid);
}

BOOST_AUTO_TEST_CASE(L15_without_setpgid) {
    all_are_told_without(SYS_setpgid);
}

BOOST_AUTO_TEST_CASE(L15_without_sockets_or_their_options) {
    for (auto const call : {SYS_socket, SYS_connect, SYS_setsockopt, SYS_getsockopt, SYS_ioctl, SYS_fcntl})
        all_are_told_without(call);
}

BOOST_AUTO_TEST_CASE(L15_without_openat) {
    all_are_told_without(SYS_openat);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(denied_from_the_start)

BOOST_AUTO_TEST_CASE(L15_without_getrandom_there_is_a_client_or_an_error_that_says_so) {
    for (int const error : {ENOSYS, EPERM})
        without_call(SYS_getrandom, error, [] {
            try {
                asio::io_context context;
                sts::client const made(context.get_executor(), sts::client_options());
            } catch (sts::error const& told) {
                BOOST_TEST(told.kind() == error_kind::config);
                BOOST_TEST(contains(told.info().message, "getrandom()"));
            }
        });
}

BOOST_AUTO_TEST_CASE(L15_without_getrandom_there_is_a_digest_or_an_error_that_says_so) {
    without_call(SYS_getrandom, EPERM, [] {
        try {
            sts::base::keyed_digest const made;
        } catch (sts::error const& told) {
            BOOST_TEST(told.kind() == error_kind::config);
            BOOST_TEST(contains(told.info().message, "getrandom()"));
        }
    });
}

BOOST_AUTO_TEST_SUITE_END()
