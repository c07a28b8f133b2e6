#include "sts-bench/service.hpp"

#include "support/usage.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace equinix::sts::bench {
namespace {

std::unique_ptr<testing::mock_sts> make_mock(bool http2) {
    testing::mock_options how;
    how.http2 = http2;
    auto mock = std::make_unique<testing::mock_sts>(how);
    // A fixed answer: to sign a new token each time would take more than all the rest.
    mock->always(testing::mock_answer::with(
        200, R"({"access_token":")" + std::string(700, 'x') +
                 R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
                 R"("token_type":"Bearer","expires_in":3600})"));
    return mock;
}

std::string trimmed_file(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::string all{std::istreambuf_iterator<char>(file), {}};
    all.erase(all.find_last_not_of(" \t\r\n") + 1);
    return all;
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    return ends;
}

} // namespace

service::service(arguments const& from) : ca_file_(from.ca_file), subject_token_(1200, 'x') {
    bool const http2 = from.mock_has_http2;
    if (!from.subject_token_file.empty()) subject_token_ = trimmed_file(from.subject_token_file);
    if (from.url) {
        url_ = *from.url;
    } else if (from.mock == mock_place::in_process) {
        mock_ = make_mock(http2);
        url_ = mock_->url();
        ca_pem_ = mock_->ca_pem();
    } else {
        fork_mock(http2);
    }
}

service::~service() {
    if (child_ < 0) return;
    ::close(lifeline_);
    ::waitpid(child_, nullptr, 0);
}

void service::fork_mock(bool http2) {
    auto const told = make_pipe();
    auto const alive = make_pipe();
    child_ = ::fork();
    if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child_ == 0) {
        ::close(told[0]);
        ::close(alive[1]);
        try {
            allow_many_descriptors();
            auto const mock = make_mock(http2);
            auto const text = mock->url() + "\n" + mock->ca_pem();
            bool const wrote =
                ::write(told[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
            ::close(told[1]);
            char end = 0;
            while (wrote && ::read(alive[0], &end, 1) < 0 && errno == EINTR) {
            }
        } catch (std::exception const&) {
            ::_exit(1); // the parent reads nothing, and says so
        }
        ::_exit(0);
    }
    ::close(told[1]);
    ::close(alive[0]);
    lifeline_ = alive[1];
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t got = 0; (got = ::read(told[0], block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(got));
    ::close(told[0]);
    auto const end = text.find('\n');
    if (end == std::string::npos) throw std::runtime_error("the mock STS could not be started");
    url_ = text.substr(0, end);
    ca_pem_ = text.substr(end + 1);
}

client_options service::options() const {
    client_options made;
    made.endpoint = endpoint(url_);
    made.tls.ca_file = ca_file_;
    made.tls.ca_pem = ca_pem_;
    return made;
}

} // namespace equinix::sts::bench
