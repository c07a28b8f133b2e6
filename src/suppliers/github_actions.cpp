#include "base/failure.hpp"
#include "suppliers/http_source.hpp"
#include "suppliers/job_variables.hpp"
#include "suppliers/kept_supplier.hpp"

#include <algorithm>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

constexpr char const* url_variable = "ACTIONS_ID_TOKEN_REQUEST_URL";
constexpr char const* token_variable = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
constexpr std::string_view hint =
    "a job of GitHub Actions has it if its workflow grants permissions: id-token: write";

/// GitHub sometimes refuses, with a status that means "never", what it grants a second or two later.
retry_decision despite_403(error_info const& failed, unsigned attempt) {
    bool const by_github = failed.http_status == 403 && failed.kind != error_kind::proxy;
    return by_github && attempt <= 2 ? retry_decision::retry : retry_decision::by_default;
}

http_options adapted(http_options options) {
    options.method = "GET";
    options.body = secret();
    options.json_member = "value";
    options.json_pointer.clear();
    check_own_headers(options, {"Authorization"}, "suppliers::github_actions");
    auto& retry = options.connection.retry;
    if (!retry.classifier) {
        retry.classifier = despite_403;
        // The usual waits would be too short.
        if (retry.base_delay == retry_options().base_delay)
            retry.base_delay =
                std::min<std::chrono::nanoseconds>(std::chrono::milliseconds(500), retry.max_delay);
    }
    return options;
}

class github_supplier final : public kept_supplier {
public:
    github_supplier(std::string audience, http_options options)
        : audience_(std::move(audience)), source_(std::make_shared<suppliers_detail::http_source>(
                                              "GitHub Actions", adapted(std::move(options)))) {
        if (audience_.empty()) base::refuse("suppliers::github_actions: the audience is empty");
    }

    std::string describe() const override { return source_->name(); }

private:
    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        auto const address =
            suppliers_detail::with_parameter(job_variable(url_variable, hint), "audience", audience_);
        auto const url = suppliers_detail::read_https_url(url_variable, address, url_variable);
        auto request = source_->request(url, {bearer_of_variable(token_variable, hint)});
        auto token = co_await source_->fetch(url.origin, std::move(request), std::move(context));
        co_return token;
    }

    std::string const audience_;
    std::shared_ptr<suppliers_detail::http_source> const source_;
};

} // namespace

supplier_ptr github_actions(std::string audience, http_options options) {
    return std::make_shared<github_supplier>(std::move(audience), std::move(options));
}

} // namespace equinix::sts::suppliers
