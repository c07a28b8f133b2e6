/// \file
/// Where a client gets its subject tokens from: the interface. `suppliers.hpp` has ready ones.
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

/// What a supplier is told when it is asked.
class EQUINIX_STS_DECL supply_context {
public:
    /// Made by the client; by you to try a supplier alone: then spawn it on a strand, if several threads run
    /// the executor.
    supply_context(boost::asio::any_io_executor executor, std::chrono::steady_clock::time_point deadline,
                   secret refused = secret())
        : executor_(std::move(executor)), deadline_(deadline), refused_(std::move(refused)) {}

    /// The client's executor. The supplier's coroutine runs on a strand of it, each call on one of its own.
    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// When the exchange that wants the token is over.
    std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

    /// The token of this supplier that the service has refused (`error_info::subject_refused()`), so that
    /// another one is wanted; else empty. A supplier that keeps tokens gives this one up.
    secret const& refused() const noexcept { return refused_; }

private:
    boost::asio::any_io_executor executor_;
    std::chrono::steady_clock::time_point deadline_;
    secret refused_;
};

/// Supplies subject tokens. Asked at each exchange, and once more when the service has refused a token (400
/// or 401), or when a token has expired while the exchange waited before a retry.
///
/// Thread-safety: `supply` may be called while an earlier call is under way, from any thread that runs the
/// client's executor.
class EQUINIX_STS_DECL subject_token_supplier {
public:
    subject_token_supplier() noexcept;
    subject_token_supplier(subject_token_supplier const&) = delete;
    subject_token_supplier& operator=(subject_token_supplier const&) = delete;
    virtual ~subject_token_supplier() = default;

    /// The token as it is now. Must not block. The exchange's deadline and the caller's cancellation end the
    /// exchange at once, whatever the supplier does, and cancel this coroutine (terminal); it and its parts
    /// may go on until then. Whoever asks keeps the supplier until the coroutine has ended, as the client
    /// does; those of `suppliers.hpp` keep themselves.
    ///
    /// \throws sts::error; its kind is kept, its phase becomes `supplier`. Of another exception nothing is
    ///         told but that it was thrown: its text may hold a secret.
    virtual boost::asio::awaitable<subject_token> supply(supply_context context) = 0;

    /// What to call it in an error, as in `file '/var/run/secrets/token'`. Never a secret.
    virtual std::string describe() const = 0;

    /// A number that no other supplier of this process has or has had: what stands for it in a key of a
    /// `token_cache`.
    std::uint64_t identity() const noexcept { return identity_; }

private:
    std::uint64_t const identity_;
};

} // namespace equinix::sts
