// The mock service in a process of its own, whose memory and time are not ours, and which can be killed.
#pragma once

#include "testing/certificates.hpp"

#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace soak {

namespace sts = equinix::sts;

/// Forks, so it is to be made before any thread.
class mock_process {
public:
    /// Answers by the rules, or always as it is told.
    explicit mock_process(std::optional<sts::testing::mock_answer> always = std::nullopt);
    mock_process(mock_process const&) = delete;
    mock_process& operator=(mock_process const&) = delete;
    ~mock_process() { kill(); }

    /// On the same port, under the same certificate. Returns once it serves.
    void start();
    void kill() noexcept;

    sts::client_options options() const;
    std::uint16_t port() const noexcept { return port_; }

    /// One that the rules accept for an hour, minted by the process that runs.
    std::string const& id_token() const noexcept { return id_token_; }

private:
    [[noreturn]] void serve(int tell) const;

    std::optional<sts::testing::mock_answer> always_;
    sts::testing::server_identity identity_ =
        sts::testing::make_server_identity({"localhost", "127.0.0.1", "::1"});
    std::string id_token_;
    std::uint16_t port_ = 0;
    pid_t child_ = -1;
};

} // namespace soak
