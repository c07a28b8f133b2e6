#include "core/request_key.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace equinix::sts::core {
namespace {

/// Each part is preceded by its length, so that no two lists of parts give the same text.
void add(base::wiped_buffer& out, std::string_view part) {
    base::append(out, std::to_string(part.size()));
    out.push_back(':');
    base::append(out, part);
}

void add_all(base::wiped_buffer& out, std::vector<std::string_view> parts) {
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    add(out, std::to_string(parts.size()));
    for (auto const part : parts)
        add(out, part);
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

} // namespace

base::wiped_buffer request_key(exchange_request const& request) {
    base::wiped_buffer out;
    add(out, to_string(request.grant()));
    add_all(out, request.scope() ? words(request.scope()->value()) : std::vector<std::string_view>());
    for (auto const* const token : {&request.subject(), &request.actor()}) {
        add(out, *token ? (*token)->token().reveal() : std::string_view());
        add(out, *token ? (*token)->type() : std::string_view());
    }
    add(out, std::to_string(request.supplier() ? request.supplier()->identity() : 0));
    std::vector<base::wiped_buffer> fields;
    for (auto const& field : request.parameters()) {
        auto& one = fields.emplace_back();
        add(one, field.name);
        add(one, field.value.reveal());
    }
    std::vector<std::string_view> parts;
    parts.reserve(fields.size());
    for (auto const& one : fields)
        parts.push_back(base::view(one));
    add_all(out, std::move(parts));
    auto const& client = request.authentication();
    add(out, std::to_string(static_cast<int>(client.which())));
    add(out, client.client_id());
    add(out, client.credential().reveal());
    return out;
}

} // namespace equinix::sts::core
