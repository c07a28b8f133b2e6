#include "redis/script.hpp"

#include "base/hexadecimal.hpp"
#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"

#include <openssl/evp.h>

#include <string_view>

namespace equinix::sts::redis_detail {
namespace {

constexpr std::string_view preamble = R"(
local function get(key)
  local value = redis.pcall('GET', key)
  if type(value) ~= 'string' then return false end
  return value
end
local function found(out)
  local value = get(KEYS[1])
  local time = redis.call('TIME')
  out[#out + 1] = value and redis.call('PTTL', KEYS[1]) or -2
  out[#out + 1] = time[1] * 1000 + math.floor(time[2] / 1000)
  out[#out + 1] = value
  return out
end
)";

constexpr std::string_view look_ = R"(
return found({})
)";

// ARGV: '1' if a record is expected, that record, '1' if one is desired, that record, its life.
constexpr std::string_view swap_ = R"(
local there = get(KEYS[1])
local expected = ARGV[1] == '1' and ARGV[2]
local desired = ARGV[3] == '1' and ARGV[4]
if there == desired then return 1 end
if there ~= expected then return 0 end
if desired then
  redis.call('SET', KEYS[1], desired, 'PX', ARGV[5])
else
  redis.call('DEL', KEYS[1])
end
return 1
)";

// ARGV: the owner, the lease's life; likewise for the others.
constexpr std::string_view acquire_ = R"(
local holder = get(KEYS[2])
local won = not holder or holder == ARGV[1]
local left = 0
if won then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
else
  left = redis.call('PTTL', KEYS[2])
end
return found({won and 1 or 0, left, not won and holder})
)";

constexpr std::string_view renew_ = R"(
if get(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
)";

constexpr std::string_view release_ = R"(
if get(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
)";

std::string sha1(std::string_view text) {
    std::string digest(20, '\0');
    auto* const to = base::bytes_of(digest.data());
    if (EVP_Digest(text.data(), text.size(), to, nullptr, EVP_sha1(), nullptr) != 1)
        base::fail_by_openssl("compute SHA-1, which identifies a script to Redis");
    std::string out;
    base::append_hexadecimal(out, digest);
    return out;
}

} // namespace

script::script(keys which, std::string_view body)
    : which_(which), body_(std::string(preamble).append(body)), name_(sha1(body_)) {}

scripts const& scripts::all() {
    using keys = script::keys;
    static scripts const once = {script(keys::record, look_), script(keys::record, swap_),
                                 script(keys::both, acquire_), script(keys::lease, renew_),
                                 script(keys::lease, release_)};
    return once;
}

} // namespace equinix::sts::redis_detail
