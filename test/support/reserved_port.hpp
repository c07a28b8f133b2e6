// A port that servers may listen on, one after another, and no one else gets meanwhile.
#pragma once

#include "base/descriptor.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

namespace test {

namespace base = equinix::sts::base;

/// A port of 127.0.0.1 that is this object's for as long as it lives.
///
/// The port stays bound without being listened on. Linux lets a server that sets SO_REUSEADDR, as all of them
/// do, listen beside that, but gives the port to no one who asks for any: not to another test's server, and
/// not to a connecting socket, which could otherwise meet itself there. Without a server, connecting is
/// refused.
class reserved_port {
public:
    reserved_port() { BOOST_REQUIRE(bind(0)); }

    /// This port; null if somebody has it.
    static std::unique_ptr<reserved_port> at(unsigned short number) {
        std::unique_ptr<reserved_port> made(new reserved_port(unbound()));
        return made->bind(number) ? std::move(made) : nullptr;
    }

    unsigned short number() const noexcept { return number_; }

private:
    struct unbound {};
    explicit reserved_port(unbound) {}

    bool bind(unsigned short number) {
        BOOST_REQUIRE(socket_.is_open());
        int const on = 1;
        BOOST_REQUIRE(::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(number);
        ::socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<::sockaddr*>(&address); // NOLINT: the socket API's own idiom
        if (::bind(socket_.get(), generic, size) != 0) return false;
        BOOST_REQUIRE(::getsockname(socket_.get(), generic, &size) == 0);
        number_ = ntohs(address.sin_port);
        return true;
    }

    base::descriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unsigned short number_ = 0;
};

} // namespace test
