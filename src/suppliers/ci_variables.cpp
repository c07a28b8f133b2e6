// Tokens that a platform gives its jobs in environment variables, or by a command of its own.
#include "base/failure.hpp"
#include "base/variable.hpp"
#include "suppliers/job_variables.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

/// The first of two variables that is set; the second may be the same.
class job_token_supplier final : public kept_supplier {
public:
    job_token_supplier(std::string platform, char const* first, char const* second, std::string_view hint)
        : platform_(std::move(platform)), first_(first), second_(second), hint_(hint) {}

    boost::asio::awaitable<subject_token> answer(supply_context) override {
        auto const* const name = base::variable(first_).empty() ? second_ : first_;
        auto token = subject_of(job_variable(name, hint_), token_types::id_token,
                                "environment variable '" + std::string(name) + "'", name);
        co_return token;
    }

    std::string describe() const override { return platform_; }

private:
    std::string const platform_;
    char const* const first_;
    char const* const second_;
    std::string_view const hint_;
};

void check_audience(std::string_view supplier, std::string const& audience) {
    if (audience.empty()) base::refuse(supplier, ": the audience is empty");
}

/// A minute, because these commands repeat a request that failed.
command_options patient() {
    command_options made;
    made.timeout = std::chrono::minutes(1);
    return made;
}

} // namespace

supplier_ptr gitlab(std::string variable) {
    return environment(std::move(variable));
}

supplier_ptr circleci() {
    return std::make_shared<job_token_supplier>(
        "CircleCI", "CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN",
        "a job of CircleCI has it, unless the build comes from a fork");
}

supplier_ptr circleci(std::string audience) {
    check_audience("suppliers::circleci", audience);
    boost::json::object const claims{{"aud", audience}};
    return command({"circleci", "run", "oidc", "get", "--claims", boost::json::serialize(claims)}, patient());
}

supplier_ptr bitbucket() {
    return std::make_shared<job_token_supplier>(
        "Bitbucket Pipelines", "BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_STEP_OIDC_TOKEN",
        "a step of Bitbucket Pipelines has it if it says `oidc: true`");
}

supplier_ptr buildkite(std::string audience) {
    check_audience("suppliers::buildkite", audience);
    return command({"buildkite-agent", "oidc", "request-token", "--audience", std::move(audience)},
                   patient());
}

} // namespace equinix::sts::suppliers
