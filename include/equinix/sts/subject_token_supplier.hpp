/// \file
/// The interface of a supplier of subject tokens. `suppliers.hpp` has ready-made suppliers.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/subject_token.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace equinix::sts {

/// What a supplier receives when it is asked for a token.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL supply_context {
public:
    /// Creates a context. The client does this for each call. Do it yourself to call a supplier directly;
    /// then spawn the supplier on a strand if several threads run the executor.
    supply_context(boost::asio::any_io_executor executor, std::chrono::steady_clock::time_point deadline,
                   secret refused = secret())
        : executor_(std::move(executor)), deadline_(deadline), refused_(std::move(refused)) {}

    /// Returns the client's executor. Each call of a supplier runs on its own strand of this executor.
    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// Returns the deadline of the exchange that needs the token.
    std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

    /// Returns the token of this supplier that the service has refused (`error_info::subject_refused()`), so
    /// that another one is needed; otherwise an empty secret. A supplier that caches tokens must discard this
    /// one.
    secret const& refused() const noexcept { return refused_; }

private:
    boost::asio::any_io_executor executor_;
    std::chrono::steady_clock::time_point deadline_;
    secret refused_;
};

/// Supplies subject tokens. The client asks it at each exchange, once more if the service has refused a token
/// (400 or 401), and again if a token has expired while the exchange waited before a retry.
///
/// Thread-safety: `supply()` may be called while an earlier call is in progress, from any thread that runs
/// the client's executor.
class EQUINIX_STS_DECL subject_token_supplier {
public:
    subject_token_supplier() noexcept;
    subject_token_supplier(subject_token_supplier const&) = delete;
    subject_token_supplier& operator=(subject_token_supplier const&) = delete;
    virtual ~subject_token_supplier() = default;

    /// Returns the current token. Must not block.
    ///
    /// Cancellation: the exchange's deadline and the caller's cancellation end the exchange immediately,
    /// whatever the supplier does. They also cancel this coroutine (terminal), which may outlive the
    /// exchange.
    ///
    /// Lifetime: the caller must keep the supplier until the coroutine has ended, as the client does. The
    /// suppliers of `suppliers.hpp` keep themselves alive.
    ///
    /// \throws sts::error; the exchange reports its kind, with phase `supplier`. For any other exception,
    ///         the exchange reports only that it was thrown, because its text may contain a secret.
    virtual boost::asio::awaitable<subject_token> supply(supply_context context) = 0;

    /// Returns a name for error messages, as in `file '/var/run/secrets/token'`. Must not contain a secret.
    virtual std::string describe() const = 0;

    /// Returns a number that no other supplier of this process has or has had. It identifies the supplier in
    /// a key of a `token_cache`.
    std::uint64_t identity() const noexcept { return identity_; }

private:
    std::uint64_t const identity_;
};

} // namespace equinix::sts
