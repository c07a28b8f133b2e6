#include "core/store_record.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/hexadecimal.hpp"
#include "base/jwt.hpp"
#include "base/secret_text.hpp"
#include "core/request_key.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace equinix::sts::core {
namespace {

using std::chrono::milliseconds;

constexpr char version = 1;
constexpr std::size_t id_size = 8, number_size = 8;
constexpr std::size_t head_size = 1 + id_size + store_keys::salt_size + 2 * number_size;
constexpr milliseconds longest_life = std::chrono::hours(24) * 365 * 100;

template <class Bytes>
void add_number(Bytes& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> static_cast<unsigned>(shift) & 0xffU));
}

/// Takes parts off the front of a text. Once one is missing, all that follow are.
class parts {
public:
    explicit parts(std::string_view text) : left_(text) {}

    std::string_view take(std::size_t size) {
        if (left_.size() < size) {
            whole_ = false;
            return {};
        }
        auto const part = left_.substr(0, size);
        left_.remove_prefix(size);
        return part;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (char const c : take(number_size))
            value = value << 8U | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view text() {
        auto const size = number();
        if (size > left_.size()) whole_ = false;
        return whole_ ? take(size) : std::string_view();
    }
    /// Whether there was enough for all parts, and nothing is left.
    bool are_whole() const noexcept { return whole_ && left_.empty(); }

private:
    std::string_view left_;
    bool whole_ = true;
};

void add_text(base::wiped_buffer& out, std::string_view text) {
    add_number(out, text.size());
    base::append(out, text);
}

base::wiped_buffer content_of(store_record const& record) {
    base::wiped_buffer out;
    out.push_back(static_cast<char>(record.is));
    if (record.is == store_record::content::token) {
        auto const& what = record.what;
        add_text(out, what.access_token.reveal());
        add_text(out, what.token_type);
        add_text(out, what.issued_token_type);
        add_text(out, what.scope ? "1" : "");
        add_text(out, what.scope.value_or(""));
        add_number(out,
                   static_cast<std::uint64_t>(what.expires_in.value_or(std::chrono::seconds(0)).count()));
    } else if (record.is == store_record::content::refusal) {
        auto const& why = record.failed;
        add_text(out, why.oauth_error);
        add_text(out, why.oauth_error_description);
        add_text(out, why.oauth_error_uri);
        add_number(out, why.http_status);
    }
    return out;
}

/// False when the content is not one that this version writes.
bool read_content(store_record& record, std::string_view text) {
    parts all(text);
    auto const kind = all.take(1);
    if (kind.empty()) return false;
    record.is = static_cast<store_record::content>(kind.front());
    switch (record.is) {
    case store_record::content::token: {
        auto const access_token = all.text();
        record.what.token_type = all.text();
        record.what.issued_token_type = all.text();
        bool const has_scope = !all.text().empty();
        auto const scope = all.text();
        if (has_scope) record.what.scope = scope;
        auto const seconds = all.number();
        if (!all.are_whole() || !base::fault_of_token(access_token).empty()) return false;
        if (seconds >
            static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(longest_life).count()))
            return false;
        record.what.expires_in = std::chrono::seconds(seconds);
        record.what.set_access_token(access_token);
        return true;
    }
    case store_record::content::refusal: {
        record.failed.kind = error_kind::oauth;
        record.failed.phase = phase::store;
        record.failed.code = make_error_code(error_kind::oauth);
        record.failed.oauth_error = all.text();
        record.failed.oauth_error_description = all.text();
        record.failed.oauth_error_uri = all.text();
        record.failed.http_status = static_cast<unsigned>(all.number());
        return all.are_whole();
    }
    case store_record::content::cool_down:
        return all.are_whole();
    }
    return false;
}

/// What is authenticated with a record's content.
std::string associated(std::string_view head, std::string_view name) {
    return std::string(head).append(name);
}

std::string hexadecimal(std::string_view bytes) {
    std::string out;
    base::append_hexadecimal(out, bytes);
    return out;
}

std::string_view view_of(std::array<char, 32> const& hash) noexcept {
    return {hash.data(), hash.size()};
}

} // namespace

store_keys::key::key(std::string_view from)
    : names(base::view(base::derive_key(from, "equinix-sts store names"))),
      seals(base::view(base::derive_key(from, "equinix-sts store records"))),
      id(view_of(names.of({"key id"})).substr(0, id_size)) {}

bool is_bound(token const& one) {
    if (one.proof_key()) return true;
    auto const parts = base::split_jwt(one.access_token.reveal());
    auto const claims = parts ? base::jwt_object(parts->payload) : std::nullopt;
    return claims && claims->contains("cnf");
}

store_keys::store_keys(std::vector<secret> const& keys) {
    constexpr char option[] = "store_options::keys";
    if (keys.empty()) base::refuse(option, " is empty: give at least one key of 32 random bytes");
    if (keys.size() > most_keys) base::refuse(option, " has more than 8 keys: remove the oldest");
    for (auto const& one : keys) {
        if (one.size() < least_size)
            base::refuse(option, " has a key of less than 32 bytes: use 32 random ones");
        keys_.emplace_back(one.reveal());
    }
}

std::vector<std::string> store_keys::names_of(std::string_view text) const {
    std::vector<std::string> names;
    names.reserve(keys_.size());
    for (auto const& one : keys_)
        names.push_back(hexadecimal(view_of(one.names.of({text})).substr(0, 16)));
    return names;
}

std::string store_keys::seal(store_record const& record, std::string_view name, std::string_view salt) const {
    BOOST_ASSERT(salt.size() == salt_size && record.generation.count() >= 0 && record.life.count() > 0);
    auto const& with = keys_.front();
    std::string out(1, version);
    out.append(with.id).append(salt);
    add_number(out, static_cast<std::uint64_t>(record.generation.count()));
    add_number(out, static_cast<std::uint64_t>(record.life.count()));
    BOOST_ASSERT(out.size() == head_size);
    auto const head = associated(out, name);
    with.seals.seal(out, {salt, name, head}, base::view(content_of(record)));
    return out;
}

std::optional<store_record> store_keys::open(std::string_view bytes, std::string_view name) const {
    if (bytes.size() < head_size || bytes.size() > largest_record || bytes.front() != version)
        return std::nullopt;
    auto const head = bytes.substr(0, head_size);
    parts fields(head);
    fields.take(1);
    auto const id = fields.take(id_size), salt = fields.take(salt_size);
    auto const generation = fields.number(), life = fields.number();
    constexpr auto most = static_cast<std::uint64_t>(longest_life.count());
    if (generation > most || life == 0 || life > most) return std::nullopt; // neither sum overflows
    auto const with = std::find_if(keys_.begin(), keys_.end(), [&](key const& one) { return one.id == id; });
    if (with == keys_.end()) return std::nullopt;
    auto const authentic = associated(head, name);
    auto const content = with->seals.open({salt, name, authentic}, bytes.substr(head_size));
    if (!content) return std::nullopt;
    store_record out;
    out.generation = milliseconds(generation);
    out.life = milliseconds(life);
    if (!read_content(out, base::view(*content))) return std::nullopt;
    return out;
}

base::wiped_buffer store_name_text(exchange_request const& request, std::string_view endpoint,
                                   std::string_view name_space, std::string_view identity) {
    auto out = shared_request_key(request, identity);
    add_part(out, endpoint);
    add_part(out, name_space);
    return out;
}

base::wiped_buffer cool_down_name_text(std::string_view endpoint, std::string_view name_space) {
    base::wiped_buffer out;
    add_part(out, "cool-down");
    add_part(out, endpoint);
    add_part(out, name_space);
    return out;
}

} // namespace equinix::sts::core
