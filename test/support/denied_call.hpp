// System calls that are missing or denied, as in an old kernel or by a container's seccomp profile.
#pragma once

#include <boost/test/unit_test.hpp>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cstddef>
#include <exception>
#include <thread>

namespace test {

/// Runs `action` on a thread of its own, where a system call fails with `error`. So it does in the threads
/// and processes that `action` starts, and nowhere else.
template <class Action>
void without_call(long call, int error, Action action) {
    std::exception_ptr thrown;
    std::thread([&] {
        try {
            sock_filter program[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
            sock_fprog const filter{static_cast<unsigned short>(std::size(program)), program};
            BOOST_REQUIRE(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
            BOOST_REQUIRE(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
            action();
        } catch (...) {
            thrown = std::current_exception();
        }
    }).join();
    if (thrown) std::rethrow_exception(thrown);
}

} // namespace test
