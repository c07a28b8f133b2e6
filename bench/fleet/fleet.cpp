// A fleet of real processes that share a token store: how many exchanges it makes, and how long each process
// waits. `bench-fleet --help` lists the options.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>
#ifdef EQUINIX_STS_HAS_REDIS
#include <equinix/sts/redis_store.hpp>
#endif

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace sts = equinix::sts;
using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr char help[] = R"(bench-fleet: processes that share a token store, all at once

  --store DIR|URL    the store (a directory, or redis://HOST:PORT); with --seconds it may be missing
  --processes N      default 500
  --latency-ms N     how long the service takes; default 150
  --rounds N         default 10; each with an identity of its own
  --kill-holder      kill the process that makes the exchange half way through
  --freeze-holder    stop it there, and let it go on after up to 3 s; with --kill-holder, one of both at random
  --seconds N        each process asks once a second on average, for so long: one round, to be compared with sts-fleet
  --life N           how long a token lives, in seconds; default 3600
  --lookups N        instead: what a miss costs that the store answers, N times, and the memory of a store

Prints for each round: exchanges, tokens, and the wait of the last process from its own start, in ms; then the
medians.
)";

struct settings {
    std::string store;
    int processes = 500, rounds = 10, lookups = 0;
    milliseconds latency{150};
    std::chrono::seconds life{3600}, seconds{0};
    bool kill_holder = false, freeze_holder = false;
};

/// What a process says: in one write, which a pipe does not divide.
struct told {
    int pid = 0;
    int kind = 0; ///< 0 ready, 1 holds the lease, 2 has a token, 3 failed
    long wait_us = 0;
    long cpu_us = 0;
};

void must(bool holds, char const* what) {
    if (!holds) throw std::runtime_error(what);
}

std::shared_ptr<sts::token_store> store_of(asio::io_context& context, std::string const& where) {
#ifdef EQUINIX_STS_HAS_REDIS
    if (where.starts_with("redis"))
        return sts::redis_store(context.get_executor(), sts::redis_options::from_url(where));
#endif
    (void)context;
    return sts::file_store(where);
}

long cpu_us() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const us = [](timeval const& time) { return time.tv_sec * 1000000L + time.tv_usec; };
    return us(used.ru_utime) + us(used.ru_stime);
}

/// What the members need to know of the service.
struct service_facts {
    std::string url, ca, subject;
};

/// The mock service, in a process of its own, so that this one has no threads and can fork.
class service {
public:
    explicit service(settings const& given) {
        must(::pipe(asks_) == 0 && ::pipe(answers_) == 0, "no pipe");
        child_ = ::fork();
        must(child_ >= 0, "no process");
        if (child_ == 0) serve(given);
        facts.url = read_text();
        facts.ca = read_text();
        facts.subject = read_text();
    }
    service(service const&) = delete;
    service& operator=(service const&) = delete;
    ~service() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }

    /// How many requests there were so far.
    std::size_t requests() {
        must(::write(asks_[1], "?", 1) == 1, "the service is gone");
        return std::stoul(read_text());
    }

    service_facts facts;

private:
    [[noreturn]] void serve(settings const& given) const {
        ::close(asks_[1]); // so that the end of the parent is this one's
        sts::testing::mock_options how;
        how.lifetime = given.life;
        sts::testing::mock_sts mock(how);
        mock.always(sts::testing::mock_answer::genuine().delay(given.latency));
        write_text(mock.url());
        write_text(mock.ca_pem());
        write_text(mock.id_token(sts::testing::id_token_claims().lifetime(std::chrono::hours(24))));
        for (char c = 0; ::read(asks_[0], &c, 1) == 1;)
            write_text(std::to_string(mock.requests()));
        ::_exit(0);
    }
    void write_text(std::string const& text) const {
        auto const size = text.size();
        must(::write(answers_[1], &size, sizeof(size)) == sizeof(size) &&
                 ::write(answers_[1], text.data(), size) == static_cast<ssize_t>(size),
             "the pipe is closed");
    }
    std::string read_text() const {
        std::size_t size = 0;
        must(::read(answers_[0], &size, sizeof(size)) == sizeof(size), "the service is gone");
        std::string text(size, '\0');
        must(::read(answers_[0], text.data(), size) == static_cast<ssize_t>(size), "the service is gone");
        return text;
    }

    int asks_[2] = {-1, -1}, answers_[2] = {-1, -1};
    ::pid_t child_ = -1;
};

/// One process of the fleet: prepares, waits for the start, asks for its token, and says how long it took.
class member {
public:
    member(settings const& given, int told_by, int tells) : given_(given), told_by_(told_by), tells_(tells) {}

    void run(service_facts const& of, std::string const& identity) {
        sts::client_options options;
        options.endpoint = sts::endpoint(of.url);
        options.tls.ca_pem = of.ca;
        options.thread_safe = false;
        options.observer = [this](sts::event const& what) {
            if (what.type == sts::event_type::store_lease_won) tell(1, {});
        };
        sts::refresh_options how;
        if (!given_.store.empty()) {
            how.sharing.store = store_of(context_, given_.store);
            how.sharing.keys = {sts::secret(std::string(64, 'k'))};
            how.sharing.identity = identity;
        }
        sts::client const client(context_.get_executor(), options);
        sts::token_source const source(
            client,
            sts::exchange_request(sts::subject_token(of.subject)).scope(sts::scope::role_assignments("1")),
            how);
        tell(0, {});
        char start = 0;
        must(::read(told_by_, &start, 1) == 1, "there is no start");
        if (given_.seconds.count() != 0) {
            asio::co_spawn(context_, ask_often(source), [&](std::exception_ptr thrown) {
                tell(thrown ? 3 : 2, {});
                asio::co_spawn(context_, source.shutdown(), [&](std::exception_ptr) { client.close(); });
            });
            context_.run();
            return;
        }
        auto const began = clock_type::now();
        auto const cpu = cpu_us();
        asio::co_spawn(context_, source.try_get(), [&](std::exception_ptr thrown, auto got) {
            told what;
            what.wait_us = static_cast<long>(
                std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now() - began).count());
            what.cpu_us = cpu_us() - cpu;
            tell(!thrown && got.has_value() ? 2 : 3, what);
            asio::co_spawn(context_, source.shutdown(), [&](std::exception_ptr) { client.close(); });
        });
        context_.run();
    }

private:
    /// At random times, as a service is asked.
    asio::awaitable<void> ask_often(sts::token_source source) {
        std::mt19937 dice(std::random_device{}());
        std::exponential_distribution<> gap(1);
        asio::steady_timer timer(context_);
        for (auto const end = clock_type::now() + given_.seconds; clock_type::now() < end;) {
            auto const got = co_await source.try_get();
            must(got.has_value(), "a process got no token");
            auto const wait = std::chrono::duration<double>(gap(dice));
            timer.expires_after(std::chrono::duration_cast<clock_type::duration>(wait));
            co_await timer.async_wait(asio::use_awaitable);
        }
    }

    void tell(int kind, told what) const {
        what.pid = ::getpid();
        what.kind = kind;
        must(::write(tells_, &what, sizeof(what)) == sizeof(what), "the pipe is closed");
    }

    settings const& given_;
    int told_by_, tells_;
    asio::io_context context_{1};
};

/// Stops a process, and lets it go on after up to three seconds. Returns what does that.
::pid_t freeze(::pid_t whom) {
    ::kill(whom, SIGSTOP);
    auto const how_long = milliseconds(std::random_device()() % 3000);
    auto const waker = ::fork();
    must(waker >= 0, "no process");
    if (waker != 0) return waker;
    std::this_thread::sleep_for(how_long);
    ::kill(whom, SIGCONT);
    ::_exit(0);
}

struct outcome {
    std::size_t exchanges = 0;
    int tokens = 0;
    long last_us = 0, cpu_us = 0;
};

outcome round(settings const& given, service& with, std::string const& identity) {
    int start[2], results[2];
    must(::pipe(start) == 0 && ::pipe(results) == 0, "no pipe");
    std::vector<::pid_t> fleet;
    for (int i = 0; i < given.processes; ++i) {
        auto const child = ::fork();
        must(child >= 0, "no process");
        if (child == 0) {
            try {
                member(given, start[0], results[1]).run(with.facts, identity);
            } catch (std::exception const& failed) {
                std::cerr << failed.what() << '\n';
            }
            ::_exit(0);
        }
        fleet.push_back(child);
    }
    ::close(results[1]);
    auto const before = with.requests();
    auto const listen = [&] {
        told one;
        return ::read(results[0], &one, sizeof(one)) == sizeof(one) ? one : told{0, -1, 0, 0};
    };
    for (int ready = 0; ready < given.processes; ++ready)
        must(listen().kind == 0, "a process has not become ready");
    outcome out;
    for (int i = 0; i < given.processes; ++i)
        must(::write(start[1], "!", 1) == 1, "no start");
    bool disturbed = !given.kill_holder && !given.freeze_holder;
    bool const kills = given.kill_holder && (!given.freeze_holder || std::random_device()() % 2 == 0);
    for (auto one = listen(); one.kind >= 0; one = listen()) {
        if (one.kind == 1 && !std::exchange(disturbed, true)) {
            std::this_thread::sleep_for(given.latency / 2);
            if (kills)
                ::kill(one.pid, SIGKILL);
            else
                fleet.push_back(freeze(one.pid));
        }
        if (one.kind != 2) continue;
        ++out.tokens;
        out.last_us = std::max(out.last_us, one.wait_us);
        out.cpu_us += one.cpu_us;
    }
    for (auto const child : fleet)
        ::waitpid(child, nullptr, 0);
    for (int const file : {start[0], start[1], results[0]})
        ::close(file);
    out.exchanges = with.requests() - before;
    return out;
}

/// The memory that this process has allocated, in bytes.
std::size_t allocated() {
    return ::mallinfo2().uordblks;
}

/// What a miss costs that the store answers: sources one after another, over one connection.
void look_often(settings const& given, service_facts const& of) {
    asio::io_context context(1);
    sts::client_options options;
    options.endpoint = sts::endpoint(of.url);
    options.tls.ca_pem = of.ca;
    options.thread_safe = false;
    sts::client const client(context.get_executor(), options);
    auto const request =
        sts::exchange_request(sts::subject_token(of.subject)).scope(sts::scope::role_assignments("1"));
    struct cost {
        long wait = 0, cpu = 0;
        std::uint64_t exchanges = 0;
    };
    auto const look = [&](sts::refresh_options const& with) {
        sts::token_source const source(client, request, with);
        bool done = false;
        auto const began = clock_type::now();
        auto const before = cpu_us();
        asio::co_spawn(context, source.try_get(), [&](std::exception_ptr thrown, auto got) {
            must(!thrown && got.has_value(), "there is no token");
            done = true;
        });
        while (!done)
            context.run_one();
        cost out;
        out.cpu = cpu_us() - before;
        out.wait = static_cast<long>(
            std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now() - began).count());
        bool ended = false;
        asio::co_spawn(context, source.shutdown(), [&](std::exception_ptr) { ended = true; });
        while (!ended)
            context.run_one();
        out.exchanges = source.stats().fetches;
        return out;
    };
    look({}); // opens the client's connection
    auto const without = allocated();
    sts::refresh_options how;
    how.sharing.store = store_of(context, given.store);
    how.sharing.keys = {sts::secret(std::string(64, 'k'))};
    how.sharing.identity = "looks-" + std::to_string(::getpid());
    look(how); // makes the exchange, and opens the store's connection
    auto const memory = allocated() - without;
    std::vector<long> wait, cpu;
    for (int i = 0; i < given.lookups; ++i) {
        auto const one = look(how);
        must(one.exchanges == 0, "the store had no token");
        wait.push_back(one.wait);
        cpu.push_back(one.cpu);
    }
    client.close();
    std::ranges::sort(wait);
    long total = 0;
    for (auto const one : cpu)
        total += one;
    std::cout << "a miss that the store answers: median " << wait[wait.size() / 2] << " us, client CPU "
              << static_cast<double>(total) / static_cast<double>(cpu.size()) << " us; the store takes "
              << memory / 1024 << " KiB\n";
}

template <class T>
T median(std::vector<T> all) {
    std::ranges::sort(all);
    return all[all.size() / 2];
}

settings settings_of(std::vector<std::string> const& words) {
    settings made;
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const& name = words[i];
        if (name == "--kill-holder" || name == "--freeze-holder") {
            (name == "--kill-holder" ? made.kill_holder : made.freeze_holder) = true;
            continue;
        }
        must(i + 1 < words.size(), help);
        auto const& value = words[++i];
        if (name == "--store")
            made.store = value;
        else if (name == "--processes")
            made.processes = std::stoi(value);
        else if (name == "--latency-ms")
            made.latency = milliseconds(std::stoi(value));
        else if (name == "--rounds")
            made.rounds = std::stoi(value);
        else if (name == "--lookups")
            made.lookups = std::stoi(value);
        else if (name == "--seconds")
            made.seconds = std::chrono::seconds(std::stoi(value));
        else if (name == "--life")
            made.life = std::chrono::seconds(std::stoi(value));
        else
            throw std::runtime_error(help);
    }
    if (made.seconds.count() != 0) made.rounds = 1;
    must((!made.store.empty() || made.seconds.count() != 0) && made.processes > 0 && made.rounds > 0, help);
    return made;
}

} // namespace

int main(int argc, char** argv) {
    try {
        auto const given = settings_of({argv + 1, argv + argc});
        service with(given);
        if (given.lookups > 0) {
            look_often(given, with.facts);
            return 0;
        }
        std::vector<std::size_t> exchanges;
        std::vector<long> last;
        for (int i = 0; i < given.rounds; ++i) {
            auto const got =
                round(given, with, "fleet-" + std::to_string(::getpid()) + "-" + std::to_string(i));
            std::cout << "round " << i + 1 << ": " << got.exchanges << " exchanges, " << got.tokens << " of "
                      << given.processes << " have a token, the last after " << got.last_us / 1000 << " ms\n"
                      << std::flush;
            exchanges.push_back(got.exchanges);
            last.push_back(got.last_us);
        }
        std::cout << "median: " << median(exchanges) << " exchanges, the last after " << median(last) / 1000
                  << " ms; most exchanges: " << *std::ranges::max_element(exchanges) << '\n';
        return 0;
    } catch (std::exception const& failed) {
        std::cerr << failed.what() << '\n';
        return 1;
    }
}
