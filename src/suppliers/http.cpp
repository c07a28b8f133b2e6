#include "suppliers/http_source.hpp"

namespace equinix::sts::suppliers {
namespace {

/// A URL that does not change: the request is written once.
class fixed_url final : public subject_token_supplier {
public:
    fixed_url(suppliers_detail::token_url url, http_options options)
        : url_(std::move(url)),
          source_(std::make_shared<suppliers_detail::http_source>(
              "URL '" + url_.shown() + "'", std::move(options),
              url_.origin.plain ? core::missing_page::not_there_yet : core::missing_page::final)),
          request_(source_->request(url_)) {}

    boost::asio::awaitable<subject_token> supply(supply_context context) override {
        return source_->fetch(url_.origin, request_, std::move(context));
    }

    std::string describe() const override { return source_->name(); }

private:
    suppliers_detail::token_url const url_;
    std::shared_ptr<suppliers_detail::http_source> const source_;
    base::wiped_buffer const request_;
};

} // namespace

supplier_ptr http(std::string_view url, http_options options) {
    auto target = suppliers_detail::read_https_url("suppliers::http: the URL", url);
    return std::make_shared<fixed_url>(std::move(target), std::move(options));
}

supplier_ptr insecure_metadata_http(std::string_view url, http_options options) {
    auto target = suppliers_detail::read_local_http_url("suppliers::insecure_metadata_http: the URL", url);
    return std::make_shared<fixed_url>(std::move(target), std::move(options));
}

} // namespace equinix::sts::suppliers
