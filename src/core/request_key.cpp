#include "core/request_key.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::core {

void add_part(base::wiped_buffer& out, std::string_view part) {
    base::append(out, std::to_string(part.size()));
    out.push_back(':');
    base::append(out, part);
}

namespace {

void add_all(base::wiped_buffer& out, std::vector<std::string_view> parts) {
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    add_part(out, std::to_string(parts.size()));
    for (auto const part : parts)
        add_part(out, part);
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        if (!word.empty()) found.push_back(word);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return found;
}

void add_token(base::wiped_buffer& out, std::optional<subject_token> const& one) {
    add_part(out, one ? one->token().reveal() : std::string_view());
    add_part(out, one ? one->type() : std::string_view());
}

/// What is not the subject and not the client's credential.
void add_terms(base::wiped_buffer& out, exchange_request const& request) {
    add_part(out, to_string(request.grant()));
    add_all(out, request.scope() ? words(request.scope()->value()) : std::vector<std::string_view>());
    add_token(out, request.actor());
    std::vector<base::wiped_buffer> fields;
    for (auto const& field : request.parameters()) {
        auto& one = fields.emplace_back();
        add_part(one, field.name);
        add_part(one, field.value.reveal());
    }
    std::vector<std::string_view> parts;
    parts.reserve(fields.size());
    for (auto const& one : fields)
        parts.push_back(base::view(one));
    add_all(out, std::move(parts));
    auto const& client = request.authentication();
    add_part(out, std::to_string(static_cast<int>(client.which())));
    add_part(out, client.client_id());
    // A token that is bound to a key is of use only with that key.
    auto const& key = request.proof_key();
    add_part(out, key ? key->thumbprint() : std::string_view());
    add_part(out, key ? to_string(key->algorithm()) : std::string_view());
    add_part(out, request.binding() == dpop_binding::required ? "required" : "");
}

} // namespace

base::wiped_buffer request_key(exchange_request const& request) {
    base::wiped_buffer out;
    add_terms(out, request);
    add_token(out, request.subject());
    add_part(out, std::to_string(request.supplier() ? request.supplier()->identity() : 0));
    auto const& client = request.authentication();
    add_part(out, client.credential().reveal());
    add_part(out, client.key() != nullptr ? client.key()->thumbprint() : std::string_view());
    add_part(out, client.key() != nullptr ? client.assertion()->audience : std::string_view());
    return out;
}

base::wiped_buffer shared_request_key(exchange_request const& request, std::string_view identity) {
    base::wiped_buffer out;
    add_terms(out, request);
    add_part(out, identity);
    add_token(out, identity.empty() ? request.subject() : std::nullopt);
    // A bearer token is all that tells its client from another.
    auto const& client = request.authentication();
    bool const by_token = client.which() == client_authentication::method::bearer && identity.empty();
    add_part(out, by_token ? client.credential().reveal() : std::string_view());
    return out;
}

} // namespace equinix::sts::core
