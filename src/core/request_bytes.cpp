#include "core/request_bytes.hpp"

#include "base/base64.hpp"
#include "base/form.hpp"
#include "values/header_field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace equinix::sts::core {
namespace {

/// Fields that this client writes, or that would change the message's framing or the way it is sent.
constexpr std::array<std::string_view, 13> own_fields = {
    "host",       "user-agent",        "accept", "content-type", "content-length", "authorization",
    "connection", "transfer-encoding", "expect", "te",           "upgrade",        "accept-encoding",
    "dpop"};

/// Whose a form field's name is. Ours need no encoding.
enum class named { by_us, by_user };

/// Calls `sink(name, value, named)` for each form field, in the order in which they are sent.
template <class Sink>
void for_each_field(exchange_request const& request, signatures const& made, Sink sink) {
    auto const add = [&](std::string_view name, std::string_view value) { sink(name, value, named::by_us); };
    add("grant_type", to_string(request.grant()));
    if (auto const& scope = request.scope()) add("scope", scope->value());
    if (auto const& subject = request.subject()) {
        if (request.grant() == grant_type::jwt_bearer) {
            add("assertion", subject->token().reveal());
        } else {
            add("subject_token", subject->token().reveal());
            add("subject_token_type", subject->type());
        }
    }
    if (auto const& actor = request.actor()) {
        add("actor_token", actor->token().reveal());
        add("actor_token_type", actor->type());
    }
    for (auto const& field : request.parameters())
        sink(field.name, field.value.reveal(), named::by_user);
    auto const& client = request.authentication();
    using method = client_authentication::method;
    if (client.which() == method::secret_post ||
        (client.which() == method::none && !client.client_id().empty()))
        add("client_id", client.client_id());
    if (client.which() == method::secret_post) add("client_secret", client.credential().reveal());
    if (!made.assertion.empty()) {
        add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        add("client_assertion", made.assertion);
    }
}

/// The values that nearly every request has, and their encoded forms.
constexpr std::pair<std::string_view, std::string_view> usual_values[] = {
    {"urn:ietf:params:oauth:grant-type:token-exchange",
     "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"},
    {token_types::id_token, "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token"},
};

void encode_value(base::wiped_buffer& out, std::string_view value) {
    for (auto const& [usual, encoded] : usual_values)
        if (value == usual) return base::append(out, encoded);
    base::form_encode(out, value);
}

class decimal {
public:
    explicit decimal(std::size_t value) noexcept
        : end_(std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr) {}

    std::string_view view() const noexcept {
        return {digits_.data(), static_cast<std::size_t>(end_ - digits_.data())};
    }

private:
    std::array<char, 20> digits_{};
    char* end_;
};

/// The credentials of `Basic`. RFC 6749 section 2.3.1 requires both parts to be form-encoded first.
base::wiped_buffer basic_credentials(client_authentication const& client) {
    base::wiped_buffer pair, encoded;
    base::form_encode(pair, client.client_id());
    pair.push_back(':');
    base::form_encode(pair, client.credential().reveal());
    base::base64_encode(encoded, base::view(pair));
    return encoded;
}

/// The `Authorization` line, or nothing.
base::wiped_buffer authorization_line(client_authentication const& client) {
    base::wiped_buffer line;
    using method = client_authentication::method;
    if (client.which() == method::secret_basic) {
        base::append(line, "Authorization: Basic ");
        base::append(line, base::view(basic_credentials(client)));
        base::append(line, "\r\n");
    } else if (client.which() == method::bearer) {
        base::append(line, "Authorization: Bearer ");
        base::append(line, client.credential().reveal());
        base::append(line, "\r\n");
    }
    return line;
}

} // namespace

std::string head_prefix(client_options const& options) {
    auto const user_agent = values::user_agent_line(options);
    for (auto const& [name, value] : options.headers)
        values::check_header("client_options::headers", name, value, own_fields);

    std::string head = "POST " + options.endpoint.target() + " HTTP/1.1\r\n";
    head += "Host: " + options.endpoint.authority() + "\r\n";
    head += user_agent;
    head += "Accept: application/json\r\n";
    for (auto const& [name, value] : options.headers)
        head.append(name).append(": ").append(value).append("\r\n");
    head += "Content-Type: application/x-www-form-urlencoded\r\n";
    return head;
}

std::vector<base::wiped_buffer> secret_spellings(exchange_request const& request, signatures const& made) {
    std::vector<base::wiped_buffer> all;
    auto const add = [&](secret const& value) {
        if (value.empty()) return;
        base::append(all.emplace_back(), value.reveal());
        base::wiped_buffer encoded;
        base::form_encode(encoded, value.reveal());
        if (base::view(encoded) != value.reveal()) all.push_back(std::move(encoded));
    };
    if (auto const& subject = request.subject()) add(subject->token());
    if (auto const& actor = request.actor()) add(actor->token());
    for (auto const& field : request.parameters())
        if (field.name != "audience" && field.name != "resource" && field.name != "requested_token_type")
            add(field.value); // a parameter of the user's may contain anything
    auto const& client = request.authentication();
    add(client.credential());
    for (auto const* const one : {&made.proof, &made.assertion}) // which are valid for a while
        if (!one->empty()) base::append(all.emplace_back(), *one);
    if (client.which() == client_authentication::method::secret_basic)
        all.push_back(basic_credentials(client));
    return all;
}

void write_request(base::wiped_buffer& out, std::string_view prefix, exchange_request const& request,
                   signatures const& made) {
    constexpr std::string_view length = "Content-Length: ";
    constexpr std::string_view end_of_head = "\r\n\r\n";
    constexpr std::string_view proof = "DPoP: ";
    constexpr std::string_view end_of_line = "\r\n";
    auto const authorization = authorization_line(request.authentication());
    // The body is encoded once, so its length is a guess at first: its length if nothing had to be escaped.
    std::size_t guess = 0;
    for_each_field(request, made, [&](std::string_view name, std::string_view value, named) {
        guess += (guess == 0 ? 0 : 1) + name.size() + 1 + value.size();
    });
    constexpr std::size_t escapes = 128;
    out.reserve(out.size() + prefix.size() + authorization.size() + length.size() + end_of_head.size() +
                guess + escapes + proof.size() + made.proof.size() + end_of_line.size());
    base::append(out, prefix);
    base::append(out, base::view(authorization));
    if (!made.proof.empty()) {
        base::append(out, proof);
        base::append(out, made.proof);
        base::append(out, end_of_line);
    }
    base::append(out, length);
    auto const digits_at = out.size();
    decimal const guessed(guess);
    base::append(out, guessed.view());
    base::append(out, end_of_head);
    auto const body_at = out.size();
    for_each_field(request, made, [&](std::string_view name, std::string_view value, named by) {
        if (out.size() != body_at) out.push_back('&');
        if (by == named::by_us)
            base::append(out, name);
        else
            base::form_encode(out, name);
        out.push_back('=');
        encode_value(out, value);
    });
    decimal const known(out.size() - body_at);
    if (known.view().size() > guessed.view().size())
        out.insert(out.begin() + static_cast<std::ptrdiff_t>(digits_at),
                   known.view().size() - guessed.view().size(), '0');
    std::copy(known.view().begin(), known.view().end(), out.begin() + static_cast<std::ptrdiff_t>(digits_at));
}

} // namespace equinix::sts::core
