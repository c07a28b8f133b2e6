// Where a program on AWS gets its access keys from, and in which region it is.
#pragma once

#include "base/lock.hpp"
#include "suppliers/aws_signature.hpp"
#include "suppliers/file_reader.hpp"
#include "suppliers/http_source.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace equinix::sts::suppliers_detail {

/// Keys from the environment, else from the endpoint of a container, else from the metadata service of a
/// machine (IMDSv2). What was fetched is kept until five minutes before its end, and to its end if no other
/// keys can be fetched.
class aws_login : public std::enable_shared_from_this<aws_login> {
public:
    /// `connection` is used for an endpoint of a container with TLS.
    explicit aws_login(client_options const& connection);

    /// Fails as a supplier does.
    boost::asio::awaitable<aws_credentials> credentials(supply_context context);

    /// Does not keep these any longer: the service has refused them. Returns whether others may be fetched.
    bool forget(aws_credentials const& refused) noexcept;

    /// The region of the environment or, kept from the first time on, of the machine. Fails as a supplier
    /// does.
    boost::asio::awaitable<std::string> region(supply_context context);

private:
    using self_ptr = std::shared_ptr<aws_login>;

    static boost::asio::awaitable<aws_credentials> find(self_ptr self, supply_context context);
    static boost::asio::awaitable<std::string> find_region(self_ptr self, supply_context context);
    static boost::asio::awaitable<secret> of_container(self_ptr self, supply_context context);
    static boost::asio::awaitable<secret> of_machine(self_ptr self, supply_context context);
    static boost::asio::awaitable<secret> begin_session(self_ptr self, supply_context context);
    static boost::asio::awaitable<secret> metadata(self_ptr self, secret session, std::string path,
                                                   supply_context context);
    std::optional<aws_credentials> kept(std::chrono::seconds for_at_least) const;

    std::shared_ptr<http_source> const container_;
    std::shared_ptr<http_source> const session_; ///< begins one with the metadata service
    std::shared_ptr<http_source> const metadata_;
    std::shared_ptr<file_reader> const reader_ = std::make_shared<file_reader>();
    mutable base::mutex mutex_;
    std::optional<aws_credentials> kept_ STS_GUARDED_BY(mutex_);
    std::string region_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::suppliers_detail
