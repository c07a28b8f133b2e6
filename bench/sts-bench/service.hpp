// The service that is asked: somebody else's, or a mock STS of our own.
#pragma once

#include "sts-bench/scenario.hpp"

#include <equinix/sts/options.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <sys/types.h>

#include <memory>
#include <string>

namespace equinix::sts::bench {

class service {
public:
    /// Forks, so it is to be made before any thread. Throws when a file cannot be read or no mock be started.
    explicit service(arguments const& from);
    service(service const&) = delete;
    service& operator=(service const&) = delete;
    ~service();

    /// How a client reaches it.
    client_options options() const;

    std::string const& subject_token() const noexcept { return subject_token_; }

private:
    void fork_mock(bool http2);

    std::string url_, ca_pem_, ca_file_, subject_token_;
    std::unique_ptr<testing::mock_sts> mock_;
    pid_t child_ = -1;
    int lifeline_ = -1; ///< its end tells the child to go
};

} // namespace equinix::sts::bench
