#include "base/failure.hpp"
#include "base/variable.hpp"
#include "suppliers/http_source.hpp"
#include "suppliers/kept_supplier.hpp"

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

constexpr char const* host_variable = "GCE_METADATA_HOST";

/// The metadata server is on the same machine: it answers quickly, or does not exist.
http_options metadata_options() {
    http_options made;
    made.headers.emplace_back("Metadata-Flavor", secret("Google"));
    made.connection.connect_timeout = std::chrono::seconds(1);
    made.connection.attempt_timeout = std::chrono::seconds(5);
    made.connection.timeout = std::chrono::seconds(10);
    return made;
}

std::string host() {
    std::string named(base::variable(host_variable));
    if (named.empty()) return "metadata.google.internal";
    if (named.find_first_of("/?#@\\") != std::string::npos)
        base::refuse(host_variable, " is not host[:port]");
    return named;
}

class gcp_supplier final : public kept_supplier {
public:
    explicit gcp_supplier(std::string audience)
        : audience_(std::move(audience)),
          source_(std::make_shared<suppliers_detail::http_source>(
              "the metadata server of Google Cloud", metadata_options(), core::missing_page::not_there_yet)) {
        if (audience_.empty()) base::refuse("suppliers::gcp_metadata: the audience is empty");
    }

    std::string describe() const override { return source_->name(); }

private:
    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        using namespace suppliers_detail;
        auto const base =
            "http://" + host() + "/computeMetadata/v1/instance/service-accounts/default/identity";
        auto const address = with_parameter(with_parameter(base, "audience", audience_), "format", "full");
        auto const url = suppliers_detail::read_local_http_url(host_variable, address, host_variable);
        auto request = source_->request(url);
        auto token = co_await source_->fetch(url.origin, std::move(request), std::move(context));
        co_return token;
    }

    std::string const audience_;
    std::shared_ptr<suppliers_detail::http_source> const source_;
};

} // namespace

supplier_ptr gcp_metadata(std::string audience) {
    return std::make_shared<gcp_supplier>(std::move(audience));
}

} // namespace equinix::sts::suppliers
