#include "redis/words.hpp"

#include "base/failure.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace equinix::sts::redis_detail {
namespace {

struct meaning {
    std::string_view start; ///< of the error
    error_kind kind;
    std::string_view words;
};

constexpr meaning meanings[] = {
    {"ERR The user executing the script can't run", error_kind::config,
     "does not permit a command to this user: see the guide for the ACL that suffices"},
    {"ERR ACL failure in script:", error_kind::config,
     "does not permit a command to this user: see the guide for the ACL that suffices"},
    {"ERR AUTH", error_kind::config, "has no password, but one was given: omit it"},
    {"ERR DB index", error_kind::config, "has no database of this number"},
    {"ERR SELECT is not allowed", error_kind::config, "is a node of a cluster: use redis+cluster://"},
    {"ERR unknown command 'SENTINEL'", error_kind::config,
     "is not a sentinel: name the sentinels, or use redis:// for the server itself"},
    {"ERR unknown command 'EVAL", error_kind::config,
     "does not know scripts: it is a sentinel (use redis+sentinel://), or older than Redis 6.2"},
    {"ERR unknown command 'ROLE'", error_kind::config,
     "does not know ROLE: it is a sentinel, or older than Redis 6.2"},
    {"OOM", error_kind::unavailable,
     "is out of memory: raise maxmemory, and set maxmemory-policy volatile-ttl"},
    {"READONLY", error_kind::unavailable,
     "is a replica, to which nothing can be written: name the master, or use its sentinels"},
    {"LOADING", error_kind::unavailable, "is loading its data"},
    {"MASTERDOWN", error_kind::unavailable, "is a replica that has lost its master"},
    {"NOREPLICAS", error_kind::unavailable, "has too few replicas to accept a write (min-replicas-to-write)"},
    {"MISCONF", error_kind::unavailable,
     "cannot save its data and therefore accepts no write: look at its disk and its log"},
    {"BUSY", error_kind::unavailable, "is busy with another client's script"},
    {"TRYAGAIN", error_kind::unavailable, "is moving the slot of a key"},
    {"CLUSTERDOWN", error_kind::unavailable, "is a cluster that is down: not all of its slots are served"},
    {"MOVED", error_kind::unavailable, "is a node of a cluster: use redis+cluster://"},
    {"ASK", error_kind::unavailable, "is a node of a cluster: use redis+cluster://"},
    {"CROSSSLOT", error_kind::config, "does not accept a script with keys of two slots"},
    {"NOAUTH", error_kind::config, "requires a password: set redis_options::password"},
    {"WRONGPASS", error_kind::config, "has refused the user or the password"},
    {"NOPERM", error_kind::config,
     "does not permit a command to this user: see the guide for the ACL that suffices"},
    {"NOPROTO", error_kind::protocol, "does not speak this protocol"},
    {"NOSCRIPT", error_kind::protocol, "has lost a script"},
    {"WRONGTYPE", error_kind::protocol, "has something other than a record under a key"},
    {"EXECABORT", error_kind::protocol, "has refused a transaction"},
    {"ERR", error_kind::protocol,
     "has refused a command: its log may say why; it must be Redis 6.2 or newer, or Valkey"}};

} // namespace

error_info described(reply const& failed) {
    std::string code(failed.error_code());
    auto const known = std::ranges::find_if(meanings, [&](meaning const& one) {
        bool const is_code = one.start.find(' ') == std::string_view::npos;
        return failed.text.starts_with(one.start) &&
               (!is_code || failed.text.size() == one.start.size() || failed.text[one.start.size()] == ' ');
    });
    std::string text = "the token store ";
    if (known != std::end(meanings)) {
        text.append(known->words);
    } else {
        bool const harmless =
            code.size() <= 32 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
        text.append("has refused a command");
        if (!harmless) code.clear();
    }
    if (!code.empty()) text.append(" (" + code + ")");
    return base::failure(known != std::end(meanings) ? known->kind : error_kind::protocol, phase::store,
                         text);
}

} // namespace equinix::sts::redis_detail
