/// \file
/// A token store in memory, with faults on demand, for tests.
#pragma once

#include <equinix/sts/token_store.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::testing {

/// What a `memory_store` does with a command instead of executing it.
struct store_fault {
    /// The kinds of fault.
    enum class type {
        refused, ///< fails immediately, with `error`; nothing is done
        lost,    ///< is done, but the answer is lost: fails with `error`
        silent   ///< never answers, until it is cancelled; nothing is done
    };

    store_fault() = default;

    /// Creates a fault. A `silent` one has no error.
    explicit store_fault(type how, error_kind kind = error_kind::timeout) : what(how), error(kind) {}

    type what = type::refused;              ///< the fault
    error_kind error = error_kind::timeout; ///< the kind of failure
};

/// A token store within this process: a fleet of sources in one test can share it. Its clock follows the
/// steady clock; `advance` moves it forward.
///
/// Thread-safety: all functions may be called from any thread.
class memory_store final : public token_store {
public:
    /// Decides about a command, given its name (`look`, `swap`, `acquire`, `renew`, `release`) and the
    /// record's name. Called without a lock. Returns nothing to execute the command.
    using fault_of =
        std::function<std::optional<store_fault>(std::string_view command, std::string_view name)>;

    memory_store();
    ~memory_store() override;

    boost::asio::awaitable<result<stored_record>> look(std::string name, store_bounds within) override;
    boost::asio::awaitable<result<bool>> swap(std::string name, std::optional<std::string> expected,
                                              std::optional<std::string> desired,
                                              std::chrono::milliseconds life, store_bounds within) override;
    boost::asio::awaitable<result<store_lease>> acquire(std::string name, std::string owner,
                                                        std::chrono::milliseconds life,
                                                        store_bounds within) override;
    boost::asio::awaitable<result<bool>> renew(std::string name, std::string owner,
                                               std::chrono::milliseconds life, store_bounds within) override;
    boost::asio::awaitable<result<bool>> release(std::string name, std::string owner,
                                                 store_bounds within) override;
    std::string describe() const override;

    /// Sets the function that decides about each command from now on. If it is empty, all commands are
    /// executed.
    void faults(fault_of decide);

    /// Moves the store's clock forward, or back if `by` is negative. Records and leases end accordingly.
    void advance(std::chrono::milliseconds by);

    /// Stores a record, as anyone with write access to the store could. Without `left` it does not expire.
    void put(std::string const& name, std::string bytes, std::optional<std::chrono::milliseconds> left);

    /// Removes all records and leases.
    void clear();

    /// Returns the names of all records, in order.
    std::vector<std::string> names() const;

    /// Returns the record of a name, if there is one, and its remaining lifetime.
    stored_record find(std::string const& name) const;

    /// Returns the number of leases that are held.
    std::size_t leases() const;

    /// Returns the number of commands so far, including those with a fault.
    std::size_t commands() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace equinix::sts::testing
