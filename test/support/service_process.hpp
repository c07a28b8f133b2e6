// A mock service in a process of its own, which can be killed as a service is.
#pragma once

#include "support/reserved_port.hpp"
#include "testing/certificates.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

namespace test {

inline constexpr char fixed_token[] =
    R"({"access_token":"abc","token_type":"Bearer","expires_in":60,)"
    R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})";

/// Must be started before this process has threads. Answers every request alike.
class service_process {
public:
    /// `body` is called in the process of the service, for the answer's body.
    explicit service_process(std::function<std::string()> body = [] { return std::string(fixed_token); })
        : body_(std::move(body)) {
        start();
    }
    service_process(service_process const&) = delete;
    service_process& operator=(service_process const&) = delete;
    ~service_process() { kill(); }

    /// On the same port each time; returns when it serves.
    void start() {
        int ready[2];
        BOOST_REQUIRE(::pipe(ready) == 0);
        child_ = ::fork();
        if (child_ == 0) serve(ready[1]);
        ::close(ready[1]);
        std::uint16_t port = 0;
        BOOST_REQUIRE(::read(ready[0], &port, sizeof(port)) == sizeof(port));
        ::close(ready[0]);
    }

    void kill() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        child_ = -1;
    }

    std::string url() const { return "https://localhost:" + std::to_string(port_.number()) + "/use/token"; }
    std::string const& ca_pem() const { return identity_.ca_pem; }

private:
    [[noreturn]] void serve(int ready) {
        try {
            equinix::sts::testing::mock_options options;
            options.port = port_.number();
            options.certificate_pem = identity_.certificate_pem;
            options.key_pem = identity_.key_pem;
            equinix::sts::testing::mock_sts mock(options);
            mock.always(equinix::sts::testing::mock_answer::with(200, body_()));
            auto const port = mock.port();
            if (::write(ready, &port, sizeof(port)) != sizeof(port)) ::_exit(1);
            for (;;)
                ::pause();
        } catch (...) {
            ::_exit(1);
        }
    }

    std::function<std::string()> body_;
    equinix::sts::testing::server_identity identity_ =
        equinix::sts::testing::make_server_identity({"localhost", "127.0.0.1", "::1"});
    reserved_port port_;
    ::pid_t child_ = -1;
};

} // namespace test
