#include "core/json_members.hpp"

#include "base/json_object.hpp"

#include <boost/assert.hpp>

#include <array>
#include <utility>
#include <vector>

namespace equinix::sts::core {
namespace {

struct known_name {
    std::string_view name;
    json_member json_members::* member;
    bool standard;
};

constexpr std::array known_names = {
    known_name{"access_token", &json_members::access_token, true},
    known_name{"token_type", &json_members::token_type, true},
    known_name{"issued_token_type", &json_members::issued_token_type, true},
    known_name{"expires_in", &json_members::expires_in, true},
    known_name{"scope", &json_members::scope, true},
    known_name{"error", &json_members::error, true},
    known_name{"error_description", &json_members::error_description, true},
    known_name{"error_uri", &json_members::error_uri, true},
    known_name{"accessToken", &json_members::access_token, false},
    known_name{"tokenType", &json_members::token_type, false},
    known_name{"issuedTokenType", &json_members::issued_token_type, false},
    known_name{"expiresIn", &json_members::expires_in, false},
    known_name{"errorDescription", &json_members::error_description, false},
    known_name{"errorUri", &json_members::error_uri, false},
};

/// In an `error` that is an object.
constexpr std::array names_in_error = {
    known_name{"errorCode", &json_members::error_code, true},
    known_name{"errorMessage", &json_members::error_message, true},
    known_name{"message", &json_members::message, true},
    known_name{"details", &json_members::details, true},
};

/// Selects the destination of a member by its name. `twice` is set when the member was present before.
class token_response : public base::json_targets {
public:
    json_member* find(std::string_view name, std::size_t level, bool& twice) {
        return level == 1 ? find(known_names, seen_, name, twice)
                          : find(names_in_error, seen_within_, name, twice);
    }

    bool opens(json_member const* member) const noexcept { return member == &found.error; }
    bool joins(json_member const* member) const noexcept { return member == &found.scope; }

    json_members found;

private:
    template <class Names, class Seen>
    json_member* find(Names const& names, Seen& seen, std::string_view name, bool& twice) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto const& known = names[i];
            if (known.name != name) continue;
            twice = std::exchange(seen[i], true);
            auto& member = found.*known.member;
            if (!known.standard && member.is != json_member::type::absent) return nullptr;
            return &(member = json_member());
        }
        return nullptr;
    }

    std::array<bool, known_names.size()> seen_{};
    std::array<bool, names_in_error.size()> seen_within_{};
};

class one_member : public base::json_targets {
public:
    static constexpr bool opens_arrays() noexcept { return true; }

    explicit one_member(json_path path) : path_(path), seen_(path.size()) {}

    json_member* find(std::string_view name, std::size_t level, bool& twice) {
        if (name != path_[level - 1]) return nullptr;
        twice = seen_[level - 1];
        seen_[level - 1] = true;
        return level == path_.size() ? &found : &on_the_way_;
    }
    bool opens(json_member const* member) const noexcept { return member == &on_the_way_; }

    json_member found;

private:
    json_path path_;
    std::vector<bool> seen_;
    json_member on_the_way_;
};

} // namespace

std::optional<json_members> read_members(std::string_view text) {
    token_response response;
    if (!base::read_object(text, response)) return std::nullopt;
    return std::move(response.found);
}

std::optional<json_member> read_member(std::string_view text, json_path path) {
    BOOST_ASSERT(!path.empty());
    one_member member(path);
    if (!base::read_object(text, member)) return std::nullopt;
    return std::move(member.found);
}

std::optional<std::vector<std::string>> parse_json_pointer(std::string_view pointer) {
    if (!pointer.starts_with('/')) return std::nullopt;
    std::vector<std::string> path;
    for (std::size_t at = 0; at < pointer.size(); ++at) {
        if (pointer[at] == '/') {
            path.emplace_back();
        } else if (pointer[at] != '~') {
            path.back() += pointer[at];
        } else {
            ++at;
            if (at == pointer.size() || (pointer[at] != '0' && pointer[at] != '1')) return std::nullopt;
            path.back() += pointer[at] == '0' ? '~' : '/';
        }
    }
    return path;
}

} // namespace equinix::sts::core
