/// \file
/// The `scope` of a request: the permissions of the access token.
#pragma once

#include <equinix/sts/decl.hpp>

#include <string>
#include <string_view>

namespace equinix::sts {

/// One or more scope values (RFC 6749 section 3.3), checked on construction.
///
/// The named constructors create the forms that the service documents. Any other text that RFC 6749 allows is
/// accepted as it is; the service interprets it.
///
/// Each constructor throws `sts::error` of kind `config` if the text is empty, is longer than 8 KiB, or
/// contains a character outside `%x21 / %x23-5B / %x5D-7E` (a single space separates values). Those that take
/// an identifier also refuse a space in it, so that an identifier cannot add a second scope.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL scope {
public:
    /// Creates a scope from any text that RFC 6749 section 3.3 allows.
    explicit scope(std::string value);

    /// Creates the scope of one access policy from its resource name:
    /// `ern:<cloud>:<service>:<region>:<project>:<type>:<id>`.
    static scope access_policy(std::string_view ern);

    /// Creates the scope of the roles that the principal has in an organisation: `roleassignments:<org_id>`.
    static scope role_assignments(std::string_view org_id);

    /// Creates the scope of the access policies granted in a project: `projectpolicies:<project_id>`.
    static scope project_policies(std::string_view project_id);

    /// Creates the scope of the access policies granted in an organisation: `orgpolicies:<org_id>`.
    static scope org_policies(std::string_view org_id);

    /// Creates the scope of both the access policies granted and the roles that the principal has in an
    /// organisation: `orgpolicies:<org_id> roleassignments:<org_id>`.
    static scope org_policies_and_role_assignments(std::string_view org_id);

    /// Appends the values of another scope, after a space. Throws as the constructors do; then nothing
    /// changes.
    scope& add(scope const& other);

    /// Returns the text, as it is sent.
    std::string const& value() const noexcept { return value_; }

    friend bool operator==(scope const&, scope const&) = default;

private:
    std::string value_;
};

} // namespace equinix::sts
