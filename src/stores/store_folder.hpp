// A directory of records and leases. Blocks, and is used by one thread at a time.
//
//   NAME.record   the end of the record's life, in milliseconds of the system's clock, then the record
//   NAME.lease    locked by its holder; its time of modification is when the lease was renewed last
//   NAME.lock     locked while a record is replaced
//   *.tmp         about to become a record
//   key           the key that seals the records, where the program has none of its own
//
// What is not a regular file of this user at the place of one of these is never followed or read, and is
// replaced.
#pragma once

#include "base/descriptor.hpp"

#include <equinix/sts/token_store.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace equinix::sts::stores_detail {

class store_folder {
public:
    using milliseconds = std::chrono::milliseconds;

    /// Creates the directory if it is missing. Throws `error` of kind `config` when it cannot be used.
    explicit store_folder(std::string path);

    result<stored_record> look(std::string const& name) const;
    result<bool> swap(std::string const& name, std::optional<std::string> const& expected,
                      std::optional<std::string> const& desired, milliseconds life,
                      std::chrono::nanoseconds bound);
    result<store_lease> acquire(std::string const& name, std::string const& owner, milliseconds life);
    result<bool> renew(std::string const& name, std::string const& owner, milliseconds life);
    result<bool> release(std::string const& name, std::string const& owner);

    std::string const& path() const noexcept { return path_; }

    /// Removes what nobody needs any longer: looks at this many files at most.
    void sweep(std::size_t at_most);

private:
    struct held_lease {
        held_lease(base::descriptor locked, std::string whose)
            : file(std::move(locked)), owner(std::move(whose)) {}

        base::descriptor file;
        std::string owner;
        milliseconds life{};
        milliseconds renewed{};

        milliseconds left(milliseconds now) const noexcept { return renewed + life - now; }
    };

    base::descriptor open() const;
    result<bool> replace(base::descriptor const& folder, std::string const& name,
                         std::optional<std::string> const& expected,
                         std::optional<std::string> const& desired, milliseconds life);
    static void sweep(base::descriptor const& folder, std::string const& name, milliseconds time);
    void forget_lapsed(base::descriptor const& folder, std::string const& except);
    held_lease* held(std::string const& name, std::string const& owner) noexcept;
    bool renew(held_lease& one, milliseconds life) const noexcept;

    std::string const path_;
    std::map<std::string, held_lease> leases_; ///< that this process holds
    milliseconds swept_{};
    std::size_t sweep_from_ = 0; ///< how many files were seen the last time
};

} // namespace equinix::sts::stores_detail
