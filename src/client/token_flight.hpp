// One exchange of a token desk: it belongs to the desk, not to a caller.
#pragma once

#include "client/client_handle.hpp"
#include "client/exchange.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

class token_desk;
struct token_entry;

class token_flight : public std::enable_shared_from_this<token_flight> {
public:
    token_flight(std::shared_ptr<token_desk> desk, std::shared_ptr<access::handle> client,
                 token_entry& whose);

    /// Begins the exchange; the desk is notified when it has ended. Returns false when it cannot begin: see
    /// `never_begun`. Must be called without the desk's lock.
    bool begin() noexcept;

    /// Cancels the exchange once it has begun. Must be called without the desk's lock.
    void cancel() noexcept;

    token_entry& entry;

    // Guarded by the desk's lock.
    bool begun = false;
    bool abandoned = false;
    std::uint32_t erasures = 0; ///< of its entry, before it began
    std::list<std::shared_ptr<token_flight>>::iterator position{};
    std::shared_ptr<token_flight> next; ///< in a linked list of a `token_actions`

    // Valid once landed.
    std::optional<client_detail::exchange> op;
    std::optional<error_info> never_begun;

private:
    struct landing;

    std::shared_ptr<token_desk> desk_;
    std::shared_ptr<access::handle> client_;
    exchange_request const request_;
    secret const refused_subject_;
};

} // namespace equinix::sts::client_detail
