#include "suppliers/http_source.hpp"
#include "suppliers/job_variables.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

constexpr char const* url_variable = "SYSTEM_OIDCREQUESTURI";
constexpr char const* token_variable = "SYSTEM_ACCESSTOKEN";

http_options adapted(http_options options) {
    check_own_headers(options, {"Authorization", "X-TFS-FedAuthRedirect", "Content-Type"},
                      "suppliers::azure_pipelines");
    options.method = "POST";
    options.body = secret();
    options.json_member = "oidcToken";
    options.json_pointer.clear();
    options.headers.emplace_back("Content-Type", secret("application/json"));
    // Otherwise a token that has expired is answered by a page to sign in.
    options.headers.emplace_back("X-TFS-FedAuthRedirect", secret("Suppress"));
    return options;
}

class azure_pipelines_supplier final : public kept_supplier {
public:
    azure_pipelines_supplier(std::string connection, http_options options)
        : connection_(std::move(connection)),
          source_(std::make_shared<http_source>("Azure Pipelines", adapted(std::move(options)))) {
        check_no_nul(connection_, "suppliers::azure_pipelines: the service connection");
    }

    std::string describe() const override { return source_->name(); }

private:
    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        auto const base = without_end_slashes(job_variable(url_variable, "a job of Azure Pipelines has it"));
        auto address = with_parameter(base, "api-version", "7.1");
        if (!connection_.empty()) address = with_parameter(address, "serviceConnectionId", connection_);
        auto const url = read_https_url(url_variable, address, url_variable);
        auto bearer = bearer_of_variable(
            token_variable,
            "a step of Azure Pipelines has it if its `env:` maps SYSTEM_ACCESSTOKEN: $(System.AccessToken)");
        auto request = source_->request(url, {std::move(bearer)});
        auto token = co_await source_->fetch(url.origin, std::move(request), std::move(context));
        co_return token;
    }

    std::string const connection_;
    std::shared_ptr<http_source> const source_;
};

} // namespace

supplier_ptr azure_pipelines(std::string service_connection, http_options options) {
    return std::make_shared<azure_pipelines_supplier>(std::move(service_connection), std::move(options));
}

} // namespace equinix::sts::suppliers
