// What is to be measured, as the command line has it.
#pragma once

#include <equinix/sts/keys.hpp>
#include <equinix/sts/options.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::bench {

enum class mode {
    exchange,  ///< exchanges over connections that are open
    source,    ///< `get()` of a token source that has its token
    cache,     ///< `get(key, request)` of a token cache that has all its tokens
    handshake, ///< each exchange on a connection of its own
    cold,      ///< a new client each time: as many exchanges as are concurrent, at once, from nothing
    idle       ///< connections that have served one exchange and do nothing
};

std::string_view name_of(mode which) noexcept;
std::string_view name_of(http_version which) noexcept;

/// Where the mock STS lives, when there is no `--url`.
enum class mock_place { forked, in_process };

struct scenario {
    bench::mode mode = mode::exchange;
    http_version http = client_options().http;
    unsigned concurrency = 64;
    unsigned connections = 64; ///< at most
    unsigned threads = 1;
    bool shared_client = false; ///< one client for all threads, not one for each
    bool thread_safe = false;
    std::uint64_t exchanges = 0; ///< 0: until `duration` is over
    std::chrono::nanoseconds duration = std::chrono::seconds(5);
    double rate = 0; ///< exchanges a second that are begun whatever becomes of them; 0: as fast as it goes
    unsigned keys = 1000;
    std::optional<signing_algorithm> dpop; ///< each request has a proof of possession
};

struct arguments {
    std::optional<std::string> url;
    std::string ca_file, subject_token_file;
    std::string scope = "roleassignments:1";
    mock_place mock = mock_place::forked;
    bool mock_has_http2 = false;
    std::string json; ///< "-" is standard output
    std::vector<scenario> scenarios;
    bool help = false;
};

/// An unknown or ill-formed option: the text for stderr.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Reads the arguments behind the program's name. Throws `usage_error`.
arguments parse_arguments(std::span<char const* const> words);

std::string_view help() noexcept;

} // namespace equinix::sts::bench
