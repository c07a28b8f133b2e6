// A token store that many processes share, as the library's stores behave.
#pragma once

#include "fleet/scenario.hpp"

#include <equinix/sts/token_store.hpp>

#include <map>
#include <optional>
#include <string>

namespace fleet {

class shared_store {
public:
    equinix::sts::stored_record look(std::string const& name, instant now);
    equinix::sts::store_lease acquire(std::string const& name, std::string const& owner, nanoseconds life,
                                      instant now);
    bool renew(std::string const& name, std::string const& owner, nanoseconds life, instant now);
    bool release(std::string const& name, std::string const& owner, instant now);
    bool swap(std::string const& name, std::optional<std::string> const& expected,
              std::optional<std::string> const& desired, nanoseconds life, instant now);

    /// Another server takes over: leases are gone, and so is what was written in the last second.
    void fail_over(instant now);

private:
    struct record {
        std::string bytes;
        instant end{};
    };
    struct lease {
        std::string owner;
        instant end{};
    };
    struct entry {
        std::optional<record> now, before;
        instant written{};
        std::optional<lease> leased;
    };

    entry& at(std::string const& name, instant now);

    std::map<std::string, entry> all_;
};

} // namespace fleet
