#include "base/characters.hpp"
#include "base/failure.hpp"

#include <equinix/sts/scope.hpp>

namespace equinix::sts {
namespace {

constexpr std::size_t longest = std::size_t(8) * 1024;

void check(std::string_view value) {
    if (value.empty()) base::refuse("scope is empty: give a value, or set no scope");
    if (value.size() > longest) base::refuse("scope is longer than 8 KiB");
    bool after_space = true; // so that a leading, trailing or repeated space is rejected
    for (char const c : value) {
        if (c != ' ' && !base::is_scope_char(c))
            base::refuse("scope contains a character that RFC 6749 forbids (outside %x21, %x23-5B, %x5D-7E)");
        if (c == ' ' && after_space) base::refuse("scope values must be separated by single spaces");
        after_space = c == ' ';
    }
    if (after_space) base::refuse("scope ends with a space");
}

std::string prefixed(std::string_view prefix, std::string_view id) {
    if (id.empty()) base::refuse("scope: the identifier after '" + std::string(prefix) + "' is empty");
    if (id.starts_with(prefix))
        base::refuse("scope: give only the identifier, without '" + std::string(prefix) + "'");
    if (id.find(' ') != std::string_view::npos)
        base::refuse("scope: the identifier after '" + std::string(prefix) + "' contains a space");
    return std::string(prefix) += id;
}

} // namespace

scope::scope(std::string value) : value_(std::move(value)) {
    check(value_);
}

scope scope::access_policy(std::string_view ern) {
    if (!ern.starts_with("ern:")) base::refuse("scope: an access policy's name must begin with 'ern:'");
    return scope(prefixed("ern:", ern.substr(4)));
}

scope scope::role_assignments(std::string_view org_id) {
    return scope(prefixed("roleassignments:", org_id));
}

scope scope::project_policies(std::string_view project_id) {
    return scope(prefixed("projectpolicies:", project_id));
}

scope scope::org_policies(std::string_view org_id) {
    return scope(prefixed("orgpolicies:", org_id));
}

scope scope::org_policies_and_role_assignments(std::string_view org_id) {
    return org_policies(org_id).add(role_assignments(org_id));
}

scope& scope::add(scope const& other) {
    auto both = value_ + " " + other.value_;
    check(both);
    value_ = std::move(both);
    return *this;
}

} // namespace equinix::sts
