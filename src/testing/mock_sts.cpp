#include "testing/jwt.hpp"
#include "testing/server.hpp"
#include "testing/token_endpoint.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <thread>

namespace equinix::sts::testing {

id_token_claims& id_token_claims::algorithm(signature_algorithm value) {
    algorithm_ = value;
    return *this;
}

id_token_claims& id_token_claims::issuer(std::string value) {
    issuer_ = std::move(value);
    return *this;
}

id_token_claims& id_token_claims::audience(std::string value) {
    audience_ = std::move(value);
    return *this;
}

id_token_claims& id_token_claims::subject(std::string value) {
    subject_ = std::move(value);
    return *this;
}

id_token_claims& id_token_claims::lifetime(std::chrono::seconds value) {
    lifetime_ = value;
    return *this;
}

id_token_claims& id_token_claims::valid_in(std::chrono::seconds value) {
    valid_in_ = value;
    return *this;
}

id_token_claims& id_token_claims::key_id(std::string value) {
    key_id_ = std::move(value);
    return *this;
}

id_token_claims& id_token_claims::forged(bool value) {
    forged_ = value;
    return *this;
}

id_token_claims& id_token_claims::claim(std::string name, std::string value) {
    more_.emplace_back(std::move(name), std::move(value));
    return *this;
}

class mock_sts::impl {
public:
    explicit impl(mock_options const& given) : options(given), rules(given), server(given, rules) {
        thread = std::thread([this] { server.run(); });
    }
    impl(impl const&) = delete;
    impl& operator=(impl const&) = delete;
    ~impl() {
        server.stop();
        thread.join();
    }

    mock_options const options;
    token_endpoint rules;
    mock_server server;
    std::thread thread;
};

namespace {

[[noreturn]] void no_start(std::exception const& why) {
    throw std::runtime_error(std::string("mock_sts cannot start: ") + why.what());
}

} // namespace

mock_sts::mock_sts(mock_options options) try : impl_(std::make_unique<impl>(options)) {
} catch (boost::system::system_error const& why) {
    no_start(std::runtime_error(why.code().message()));
} catch (std::exception const& why) {
    no_start(why);
}

mock_sts::~mock_sts() = default;

std::uint16_t mock_sts::port() const noexcept {
    return impl_->server.port();
}

std::string mock_sts::url() const {
    return "https://localhost:" + std::to_string(port()) + impl_->options.path;
}

std::string const& mock_sts::ca_pem() const noexcept {
    return impl_->server.identity().ca_pem;
}

std::string const& mock_sts::certificate_pem() const noexcept {
    return impl_->server.identity().certificate_pem;
}

std::string const& mock_sts::key_pem() const noexcept {
    return impl_->server.identity().key_pem;
}

std::string mock_sts::id_token(id_token_claims const& claims) const {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    auto const now = duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch());
    boost::json::object payload;
    payload["iss"] = claims.issuer_.value_or(impl_->options.issuer);
    payload["aud"] = claims.audience_.value_or(impl_->options.audience);
    payload["sub"] = claims.subject_;
    payload["iat"] = now.count();
    payload["nbf"] = (now + claims.valid_in_).count();
    payload["exp"] = (now + claims.lifetime_).count();
    for (auto const& [name, value] : claims.more_)
        payload[name] = value;
    auto const& key = impl_->rules.id_token_key(claims.algorithm_);
    auto const key_id = claims.key_id_.value_or(key.id());
    if (!claims.forged_) return make_jwt(key, key_id, payload);
    return make_jwt(named_key(claims.algorithm_, key_id), key_id, payload);
}

std::optional<std::string> mock_sts::claims(std::string_view access_token) const {
    auto const claims = impl_->rules.claims(access_token);
    if (!claims) return std::nullopt;
    return boost::json::serialize(*claims);
}

void mock_sts::trust(mock_sts const& other) {
    impl_->rules.trust(other.impl_->rules.access_key());
}

void mock_sts::next(mock_answer answer) {
    impl_->server.next(std::move(answer));
}

void mock_sts::always(std::optional<mock_answer> answer) {
    impl_->server.always(std::move(answer));
}

void mock_sts::release() {
    impl_->server.release();
}

std::size_t mock_sts::requests() const {
    return impl_->server.requests();
}

bool mock_sts::wait_for_requests(std::size_t count, std::chrono::milliseconds at_most) const {
    return impl_->server.wait_for_requests(count, at_most);
}

std::size_t mock_sts::connections() const {
    return impl_->server.connections();
}

std::size_t mock_sts::handshakes() const {
    return impl_->server.handshakes();
}

std::vector<std::string> mock_sts::raw_requests() const {
    return impl_->server.raw_requests();
}

void mock_sts::close_idle_connections() {
    impl_->server.close_idle_connections();
}

} // namespace equinix::sts::testing
