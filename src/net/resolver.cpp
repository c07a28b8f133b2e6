#include "net/resolver.hpp"

#include <equinix/sts/error.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace equinix::sts::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code error_of(int result) {
    switch (result) {
    case 0:
        return {};
    case EAI_MEMORY:
        return make_error_code(boost::system::errc::not_enough_memory);
    case EAI_SYSTEM:
        return {errno, boost::system::system_category()};
    default:
        return {result, resolver_category()};
    }
}

resolved_name ask_system(std::string const& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    resolved_name answer;
    answer.error = error_of(::getaddrinfo(host.c_str(), nullptr, &hints, &list));
    if (answer.error) return answer;
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const owned(list, ::freeaddrinfo);
    for (auto const* at = list; at != nullptr; at = at->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (at->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
        answer.addresses.push_back(endpoint.address());
    }
    if (answer.addresses.empty()) answer.error = error_of(EAI_NONAME);
    return answer;
}

} // namespace

resolver::resolver()
    : detached_worker(ask_system, late::joins,
                      resolved_name{make_error_code(boost::system::errc::not_enough_memory), {}}) {}

} // namespace equinix::sts::net
