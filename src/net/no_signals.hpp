// For starting helper threads.
#pragma once

#include <signal.h>

namespace equinix::sts::net {

/// Threads that are started meanwhile get no signals from outside: those are for the program's own.
class no_signals {
public:
    no_signals() {
        sigset_t all;
        ::sigfillset(&all);
        for (int const of_its_own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
            ::sigdelset(&all, of_its_own);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    no_signals(no_signals const&) = delete;
    no_signals& operator=(no_signals const&) = delete;
    ~no_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

} // namespace equinix::sts::net
