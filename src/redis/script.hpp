// The commands of a token store as scripts, each of which Redis executes as one step.
//
// A script names only the keys that it uses: in a cluster, one with two keys cannot be executed while their
// slot moves. What is no string at the place of a record or a lease counts as nothing, and is replaced. The
// results:
//
//   look      remaining life of the record (-2: there is none, -1: it has no end), time, record
//   acquire   1 if the lease is given, how long another's lasts, then as `look`
//   others    1 if it was done
//
// Durations and times are in milliseconds.
#pragma once

#include <string>
#include <string_view>

namespace equinix::sts::redis_detail {

class script {
public:
    enum class keys : unsigned char { record, lease, both };

    script(keys which, std::string_view body);

    bool uses_record() const noexcept { return which_ != keys::lease; }
    bool uses_lease() const noexcept { return which_ != keys::record; }

    std::string const& body() const noexcept { return body_; }

    /// By which `EVALSHA` knows it: SHA-1 in hexadecimal.
    std::string const& name() const noexcept { return name_; }

private:
    keys which_;
    std::string body_, name_;
};

struct scripts {
    script const look, swap, acquire, renew, release;

    static scripts const& all();
};

} // namespace equinix::sts::redis_detail
