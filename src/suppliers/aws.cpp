#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/form.hpp"
#include "base/variable.hpp"
#include "suppliers/aws_login.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;

constexpr char const* content_type = "application/x-www-form-urlencoded";
constexpr char const* endpoint_variable = "AWS_ENDPOINT_URL_STS";

std::string form_of(std::string const& audience, aws_options const& options) {
    if (audience.empty() || audience.size() > 1000)
        base::refuse("suppliers::aws: the audience must have 1 to 1,000 characters");
    if (options.signing_algorithm != "RS256" && options.signing_algorithm != "ES384")
        base::refuse("aws_options::signing_algorithm", " must be RS256 or ES384");
    if (options.lifetime < std::chrono::seconds(60) || options.lifetime > std::chrono::seconds(3600))
        base::refuse("aws_options::lifetime", " must be from 60 s to 1 h");
    base::wiped_buffer encoded;
    base::form_encode(encoded, audience);
    return "Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=" +
           std::string(base::view(encoded)) + "&SigningAlgorithm=" + options.signing_algorithm +
           "&DurationSeconds=" + std::to_string(options.lifetime.count());
}

http_options request_options(std::string const& form, aws_options const& options) {
    http_options made;
    made.connection = options.connection;
    made.method = "POST";
    made.body = secret(form);
    made.headers.emplace_back("Content-Type", secret(content_type));
    return made;
}

bool is_region(std::string_view text) noexcept {
    return !text.empty() && base::all_of(text, [](char c) { return base::is_alphanumeric(c) || c == '-'; });
}

/// Whether other keys may help.
bool refuses_keys(error_info const& failed) noexcept {
    auto const& code = failed.service_code;
    return code.starts_with("ExpiredToken") || code.starts_with("InvalidClientTokenId") ||
           code.starts_with("UnrecognizedClient");
}

/// The service's own address in a region: the global one does not have this action.
std::string endpoint_in(std::string_view region) {
    std::string_view const domain = region.starts_with("cn-")     ? "amazonaws.com.cn"
                                    : region.starts_with("eusc-") ? "amazonaws.eu"
                                                                  : "amazonaws.com";
    return "https://sts." + std::string(region) + "." + std::string(domain) + "/";
}

/// The token in the answer: it has no character that XML would escape.
subject_token token_in(secret const& document, std::string const& source) {
    constexpr std::string_view begin = "<WebIdentityToken>", end = "</WebIdentityToken>";
    auto const text = document.reveal();
    auto const at = text.find(begin);
    auto const until = at == std::string_view::npos ? at : text.find(end, at);
    if (until == std::string_view::npos)
        fail(error_kind::malformed, source + ": the response contains no token: it has no WebIdentityToken");
    return subject_of(text.substr(at + begin.size(), until - at - begin.size()), token_types::id_token,
                      source + ": its WebIdentityToken");
}

class aws_supplier final : public kept_supplier {
public:
    aws_supplier(std::string const& audience, aws_options options)
        : options_(std::move(options)), form_(form_of(audience, options_)),
          source_(std::make_shared<http_source>("AWS", request_options(form_, options_))),
          login_(std::make_shared<aws_login>(options_.connection)) {
        if (!options_.region.empty() && !is_region(options_.region))
            base::refuse("aws_options::region", " must consist of letters, digits and '-'");
    }

    std::string describe() const override { return source_->name(); }

private:
    asio::awaitable<subject_token> answer(supply_context context) override {
        auto region = options_.region;
        if (region.empty()) {
            region = co_await login_->region(context);
            if (!is_region(region))
                fail(error_kind::config, "the region of AWS, by AWS_REGION, AWS_DEFAULT_REGION or its "
                                         "metadata service, must consist "
                                         "of letters, digits and '-'");
        }
        auto credentials = co_await login_->credentials(context);
        secret document;
        bool again = false;
        try {
            document = co_await ask(source_, form_, region, credentials, context);
        } catch (error const& failed) {
            again = refuses_keys(failed.info()) && login_->forget(credentials);
            if (!again) throw;
        }
        if (again) { // kept ones may have been revoked
            credentials = co_await login_->credentials(context);
            document = co_await ask(source_, form_, region, credentials, context);
        }
        auto token = token_in(document, source_->name());
        co_return token;
    }

    static asio::awaitable<secret> ask(std::shared_ptr<http_source> source, std::string form,
                                       std::string region, aws_credentials credentials,
                                       supply_context context) {
        auto const given = base::variable(endpoint_variable);
        auto const url = given.empty() ? read_https_url("the endpoint of AWS", endpoint_in(region))
                                       : read_service_url(endpoint_variable, given, endpoint_variable);
        if (url.target != "/")
            base::refuse_option(endpoint_variable, std::string(endpoint_variable) + " has a path or a query");
        aws_request what;
        what.host = url.authority;
        what.region = region;
        what.service = "sts";
        what.content_type = content_type;
        what.body = form;
        auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        auto request = source->request(url, aws_signature(credentials, what, now));
        auto document = co_await source->fetch_document(url.origin, std::move(request), std::move(context));
        co_return document;
    }

    aws_options const options_;
    std::string const form_;
    std::shared_ptr<http_source> const source_;
    std::shared_ptr<aws_login> const login_;
};

} // namespace

supplier_ptr aws(std::string audience, aws_options options) {
    return std::make_shared<aws_supplier>(audience, std::move(options));
}

} // namespace equinix::sts::suppliers
