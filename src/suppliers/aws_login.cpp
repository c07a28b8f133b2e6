#include "suppliers/aws_login.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/secret_text.hpp"
#include "base/variable.hpp"
#include "core/json_members.hpp"
#include "suppliers/job_variables.hpp"
#include "suppliers/supplied_token.hpp"
#include "suppliers/token_url.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

namespace equinix::sts::suppliers_detail {

namespace asio = boost::asio;

namespace {

constexpr char const* key_variable = "AWS_ACCESS_KEY_ID";
constexpr char const* relative_variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr char const* full_variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr char const* metadata_variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr char const* token_header = "X-aws-ec2-metadata-token";

constexpr std::chrono::seconds renewed_before = std::chrono::minutes(5);

/// What is on the same machine answers quickly, or does not exist.
suppliers::http_options local_options(client_options connection = client_options()) {
    suppliers::http_options made;
    made.connection = std::move(connection);
    made.connection.connect_timeout = std::chrono::seconds(1);
    made.connection.attempt_timeout = std::chrono::seconds(2);
    made.connection.timeout = std::chrono::seconds(6);
    return made;
}

suppliers::http_options session_options() {
    auto made = local_options();
    made.method = "PUT";
    made.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", secret("60"));
    return made;
}

bool is_off() noexcept {
    return base::iequals(base::variable("AWS_EC2_METADATA_DISABLED"), "true");
}

token_url metadata_url(std::string const& path) {
    std::string_view at = base::variable(metadata_variable);
    if (at.empty()) at = "http://169.254.169.254";
    return read_local_http_url(metadata_variable, std::string(without_end_slashes(at)) + path,
                               metadata_variable);
}

token_url container_url() {
    auto const relative = base::variable(relative_variable);
    if (!relative.empty() && !relative.starts_with('/'))
        fail_by_variable(relative_variable, std::string(relative_variable) + " does not begin with '/'");
    if (!relative.empty())
        return read_local_http_url(relative_variable, "http://169.254.170.2" + std::string(relative),
                                   relative_variable);
    return read_service_url(full_variable, base::variable(full_variable), full_variable);
}

/// A value of the environment that is sent in a header. Throws if it cannot be.
secret sent_value(char const* name) {
    auto const value = base::variable(name);
    if (!value.empty()) check_sendable(name, value);
    return secret(value);
}

std::optional<aws_credentials> of_environment() {
    auto const id = sent_value(key_variable);
    if (id.empty()) return std::nullopt;
    auto const key = base::variable("AWS_SECRET_ACCESS_KEY");
    if (key.empty())
        fail_by_variable("AWS_SECRET_ACCESS_KEY",
                         "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    return aws_credentials{std::string(id.reveal()), secret(key), sent_value("AWS_SESSION_TOKEN")};
}

/// Throws if AWS's own tools would not use the machine's keys here.
void check_no_other_identity() {
    for (auto const* const name : {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"})
        if (!base::variable(name).empty())
            fail_by_variable(name, std::string(name) +
                                       " selects an identity that suppliers::aws cannot use, and "
                                       "the machine's own would be another one: set "
                                       "AWS_ACCESS_KEY_ID, or unset this variable");
    if (is_off())
        fail_by_variable(key_variable, "there are no access keys of AWS: AWS_ACCESS_KEY_ID and the "
                                       "AWS_CONTAINER_CREDENTIALS variables are not set, and "
                                       "AWS_EC2_METADATA_DISABLED is true");
}

secret text_in(secret const& document, char const* name) {
    std::array const path = {std::string(name)};
    auto const member = core::read_member(document.reveal(), path);
    return secret(member && member->is_text() ? member->value : std::string_view());
}

/// Of a text that both endpoints answer. Its members hold secrets: only a code is quoted.
aws_credentials credentials_in(secret const& document) {
    aws_credentials found;
    found.access_key_id = std::string(text_in(document, "AccessKeyId").reveal());
    found.secret_access_key = text_in(document, "SecretAccessKey");
    found.session_token = text_in(document, "Token");
    found.fetched = true;
    auto const expires = text_in(document, "Expiration");
    if (!expires.empty()) found.expires = base::parse_iso_time(expires.reveal());
    if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
    auto const code = text_in(document, "Code");
    bool const has_code = core::is_code(code.reveal());
    fail(error_kind::malformed,
         "AWS: the answer with the access keys has no AccessKeyId or no SecretAccessKey" +
             (has_code ? " (" + std::string(code.reveal()) + ")" : std::string()));
}

/// What the metadata service's failure means to somebody who may not be on AWS at all.
[[noreturn]] void fail_without_metadata(error const& failed, char const* what_to_set) {
    auto info = failed.info();
    using enum error_kind;
    if (info.kind == connect || info.kind == timeout || info.kind == network)
        info.message += std::string("; if this is not a machine of AWS, set ") + what_to_set;
    throw error(std::move(info));
}

} // namespace

aws_login::aws_login(client_options const& connection)
    : container_(std::make_shared<http_source>("the credentials endpoint of the AWS container",
                                               local_options(connection))),
      session_(std::make_shared<http_source>("the metadata service of AWS", session_options())),
      metadata_(std::make_shared<http_source>("the metadata service of AWS", local_options())) {}

asio::awaitable<aws_credentials> aws_login::credentials(supply_context context) {
    return find(shared_from_this(), std::move(context));
}

asio::awaitable<aws_credentials> aws_login::find(self_ptr self, supply_context context) {
    if (auto given = of_environment()) co_return std::move(*given);
    if (auto known = self->kept(renewed_before)) co_return std::move(*known);
    bool const in_container =
        !base::variable(relative_variable).empty() || !base::variable(full_variable).empty();
    if (!in_container) check_no_other_identity();
    secret document;
    std::exception_ptr failed;
    try {
        if (in_container) {
            document = co_await of_container(self, std::move(context));
        } else {
            document = co_await of_machine(self, std::move(context));
        }
    } catch (error const&) {
        failed = std::current_exception();
    }
    if (failed) {
        if (auto old = self->kept(std::chrono::seconds(0))) co_return std::move(*old);
        std::rethrow_exception(failed);
    }
    auto found = credentials_in(document);
    base::mutex_lock const lock(self->mutex_);
    self->kept_ = found;
    co_return found;
}

std::optional<aws_credentials> aws_login::kept(std::chrono::seconds for_at_least) const {
    base::mutex_lock const lock(mutex_);
    bool const lasts =
        kept_ && kept_->expires && std::chrono::system_clock::now() + for_at_least < *kept_->expires;
    return lasts ? kept_ : std::nullopt;
}

bool aws_login::forget(aws_credentials const& refused) noexcept {
    base::mutex_lock const lock(mutex_);
    if (kept_ && kept_->access_key_id == refused.access_key_id) kept_.reset();
    return refused.fetched;
}

asio::awaitable<secret> aws_login::of_container(self_ptr self, supply_context context) {
    auto const url = container_url();
    secret authorization;
    std::string const file(base::variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
    if (file.empty()) {
        authorization = sent_value("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    } else { // it is replaced while the program runs
        auto const source = named("file", file);
        auto const deadline = context.deadline();
        auto const content = co_await read_file(self->reader_, file, source, deadline);
        check_read(*content, source);
        auto const login = base::read_token(base::view(content->text));
        if (!login.wrong.empty()) fail(error_kind::config, source + " " + std::string(login.wrong));
        authorization = secret(login.value);
    }
    std::vector<core::secret_header> headers;
    if (!authorization.empty()) headers.emplace_back("Authorization", std::move(authorization));
    auto request = self->container_->request(url, std::move(headers));
    auto document =
        co_await self->container_->fetch_document(url.origin, std::move(request), std::move(context));
    co_return document;
}

asio::awaitable<secret> aws_login::begin_session(self_ptr self, supply_context context) {
    auto const url = metadata_url("/latest/api/token");
    auto request = self->session_->request(url);
    auto session =
        co_await self->session_->fetch_document(url.origin, std::move(request), std::move(context));
    co_return session;
}

asio::awaitable<secret> aws_login::metadata(self_ptr self, secret session, std::string path,
                                            supply_context context) {
    auto const url = metadata_url(path);
    std::vector<core::secret_header> headers{{token_header, std::move(session)}};
    auto request = self->metadata_->request(url, std::move(headers));
    auto text = co_await self->metadata_->fetch_document(url.origin, std::move(request), std::move(context));
    co_return text;
}

asio::awaitable<secret> aws_login::of_machine(self_ptr self, supply_context context) {
    std::string const folder = "/latest/meta-data/iam/security-credentials/";
    try {
        auto const session = co_await begin_session(self, context);
        auto const roles = co_await metadata(self, session, folder, context);
        auto const role = base::trimmed(roles.reveal().substr(0, roles.reveal().find('\n')));
        if (role.empty()) fail(error_kind::config, "the metadata service of AWS: the machine has no role");
        auto path = folder + std::string(role);
        auto document = co_await metadata(self, session, std::move(path), std::move(context));
        co_return document;
    } catch (error const& failed) {
        if (failed.info().http_status == 404)
            fail(error_kind::config, "the metadata service of AWS: the machine has no role");
        fail_without_metadata(failed, "AWS_ACCESS_KEY_ID");
    }
}

asio::awaitable<std::string> aws_login::region(supply_context context) {
    return find_region(shared_from_this(), std::move(context));
}

asio::awaitable<std::string> aws_login::find_region(self_ptr self, supply_context context) {
    for (auto const* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (auto const given = base::variable(name); !given.empty()) co_return std::string(given);
    std::string known;
    {
        base::mutex_lock const lock(self->mutex_);
        known = self->region_;
    }
    if (!known.empty()) co_return known;
    if (is_off())
        fail_by_variable("AWS_REGION", "the region of AWS is not known: AWS_REGION is not set, and "
                                       "AWS_EC2_METADATA_DISABLED is true");
    try {
        auto const session = co_await begin_session(self, context);
        std::string path = "/latest/meta-data/placement/region";
        auto const text = co_await metadata(self, session, std::move(path), std::move(context));
        known = base::trimmed(text.reveal());
    } catch (error const& failed) {
        fail_without_metadata(failed, "AWS_REGION");
    }
    base::mutex_lock const lock(self->mutex_);
    self->region_ = known;
    co_return known;
}

} // namespace equinix::sts::suppliers_detail
