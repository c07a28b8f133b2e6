// What the suppliers that fetch by HTTP share: options and, from the first fetch on, a pool.
#pragma once

#include "base/lock.hpp"
#include "core/fetch_request.hpp"
#include "core/fetched_token.hpp"
#include "suppliers/token_url.hpp"

#include <equinix/sts/suppliers.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::suppliers_detail {

/// Throws `error` of kind `config` if the user has set one of the headers that a supplier writes itself.
void check_own_headers(suppliers::http_options const& options, std::initializer_list<std::string_view> own,
                       std::string_view supplier);

class http_source : public std::enable_shared_from_this<http_source> {
public:
    /// Errors begin with `name`. Throws `error` of kind `config`.
    http_source(std::string name, suppliers::http_options options,
                core::missing_page not_found = core::missing_page::final);
    http_source(http_source const&) = delete;
    http_source& operator=(http_source const&) = delete;
    ~http_source();

    std::string const& name() const noexcept { return name_; }

    /// The complete request for a URL, with the headers of the options and more. Throws `error` of kind
    /// `config`.
    base::wiped_buffer request(token_url const& url, std::vector<core::secret_header> more = {}) const;

    /// Fetches the token that the answer to this request contains.
    boost::asio::awaitable<subject_token> fetch(net::destination from, base::wiped_buffer request,
                                                supply_context context);

    /// Fetches the body of the answer to this request.
    boost::asio::awaitable<secret> fetch_document(net::destination from, base::wiped_buffer request,
                                                  supply_context context);

private:
    class transport;

    static boost::asio::awaitable<subject_token> fetch_token(std::shared_ptr<http_source> self,
                                                             net::destination from,
                                                             base::wiped_buffer request,
                                                             supply_context context);
    static boost::asio::awaitable<secret> run(std::shared_ptr<http_source> self, net::destination from,
                                              base::wiped_buffer request, core::fetched_part part,
                                              supply_context context);
    std::shared_ptr<transport> transport_to(net::destination const& from,
                                            boost::asio::any_io_executor const& executor);
    void forget(std::shared_ptr<transport> const& one) noexcept;

    std::string const name_;
    suppliers::http_options const options_;
    std::vector<std::string> const member_; ///< the path to the token in a JSON object, or empty
    std::string const method_;
    core::missing_page const not_found_;
    client_options const pooling_;
    std::shared_ptr<net::resolver> const names_ =
        std::make_shared<net::resolver>(); // shared by all transports
    base::mutex mutex_;
    std::vector<std::shared_ptr<transport>> transports_ STS_GUARDED_BY(mutex_); ///< one per context
};

} // namespace equinix::sts::suppliers_detail
