#include "net/resolver.hpp"

#include "base/detached_thread.hpp"
#include "base/lock.hpp"

#include <equinix/sts/error.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <new>

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

/// What the resolver and its thread share. The thread lives as long as there are names to look up.
struct resolver::desk {
    struct job {
        std::string host;
        std::list<std::shared_ptr<lookup>> wishes;
    };

    base::mutex mutex;
    std::list<job> jobs STS_GUARDED_BY(mutex); // the first is being worked on
    bool busy STS_GUARDED_BY(mutex) = false;
    resolved_name const without_memory{make_error_code(boost::system::errc::not_enough_memory), {}};

    static void work(std::shared_ptr<desk> const& self) noexcept {
        base::mutex_lock const lock(self->mutex);
        while (!self->jobs.empty()) {
            auto const at = self->jobs.begin();
            std::shared_ptr<resolved_name const> answer;
            {
                base::unlocked const meanwhile(self->mutex);
                answer = ask(at->host, self);
            }
            std::list<job> done;
            done.splice(done.begin(), self->jobs, at);
            base::unlocked const meanwhile(self->mutex);
            for (auto const& wish : done.front().wishes)
                wish->deliver(answer);
            done.clear();
        }
        self->busy = false;
    }

    static std::shared_ptr<resolved_name const> ask(std::string const& host,
                                                    std::shared_ptr<desk> const& self) noexcept {
        try {
            return std::make_shared<resolved_name const>(ask_system(host));
        } catch (std::bad_alloc const&) {
            return {self, &self->without_memory};
        }
    }
};

resolver::resolver() : desk_(std::make_shared<desk>()) {}

resolver::~resolver() {
    // Those that nobody has begun need not be begun any more.
    if (!desk_->mutex.try_lock()) return; // no harm done if they are
    while (desk_->jobs.size() > 1)
        desk_->jobs.pop_back();
    desk_->mutex.unlock();
}

void resolver::start(std::string const& host, std::shared_ptr<lookup> wish) {
    base::mutex_lock const lock(desk_->mutex);
    for (auto& job : desk_->jobs)
        if (job.host == host) {
            job.wishes.remove_if([](auto const& one) { return one.use_count() == 1; }); // has left
            job.wishes.push_back(std::move(wish));
            return;
        }
    desk_->jobs.push_back({host, {std::move(wish)}});
    if (desk_->busy) return;
    try {
        base::run_detached([shared = desk_] { desk::work(shared); });
    } catch (...) {
        desk_->jobs.pop_back();
        throw;
    }
    desk_->busy = true;
}

} // namespace equinix::sts::net
