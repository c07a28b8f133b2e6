#include "soak/mock_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace soak {

mock_process::mock_process(std::optional<sts::testing::mock_answer> always) : always_(std::move(always)) {
    start();
}

void mock_process::start() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    child_ = ::fork();
    if (child_ == 0) {
        ::close(ends[0]);
        serve(ends[1]);
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t got = 0; (got = ::read(ends[0], block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(got));
    ::close(ends[0]);
    auto const end = text.find('\n');
    if (end == std::string::npos) throw std::runtime_error("the mock service did not start");
    port_ = static_cast<std::uint16_t>(std::stoul(text));
    id_token_ = text.substr(end + 1);
}

void mock_process::serve(int tell) const {
    try {
        sts::testing::mock_options options;
        options.port = port_;
        options.certificate_pem = identity_.certificate_pem;
        options.key_pem = identity_.key_pem;
        sts::testing::mock_sts mock(options);
        mock.always(always_);
        auto const claims = sts::testing::id_token_claims().lifetime(std::chrono::hours(1));
        auto const text = std::to_string(mock.port()) + '\n' + mock.id_token(claims);
        bool const told = ::write(tell, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::close(tell);
        while (told && ::getppid() != 1) // until it is killed, or has nobody to serve any more
            ::sleep(1);
    } catch (std::exception const&) {
        ::_exit(1); // the parent reads nothing, and says so
    }
    ::_exit(0);
}

void mock_process::kill() noexcept {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
}

sts::client_options mock_process::options() const {
    sts::client_options made;
    made.endpoint = sts::endpoint("https://localhost:" + std::to_string(port_) + "/use/token");
    made.tls.ca_pem = identity_.ca_pem;
    return made;
}

} // namespace soak
