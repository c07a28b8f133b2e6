/// \file
/// The `scope` of a request: what the access token may be used for.
#pragma once

#include <equinix/sts/decl.hpp>

#include <string>
#include <string_view>

namespace equinix::sts {

/// One or more scope values (RFC 6749 section 3.3), checked when made.
///
/// The named constructors make the forms that the service documents. Any other text that RFC 6749 allows is
/// taken as it is: the service decides what it means.
///
/// Each constructor throws `sts::error` of kind `config` when the text is empty, longer than 8 KiB, or has a
/// character outside `%x21 / %x23-5B / %x5D-7E` (a single space separates values). The ones that take an
/// identifier refuse a space in it too, so that an identifier cannot smuggle in a second scope.
class EQUINIX_STS_DECL scope {
public:
    /// Any text that RFC 6749 section 3.3 allows, as it is.
    explicit scope(std::string value);

    /// One access policy, by its resource name: `ern:<cloud>:<service>:<region>:<project>:<type>:<id>`.
    static scope access_policy(std::string_view ern);

    /// The roles that the principal holds in an organisation: `roleassignments:<org_id>`.
    static scope role_assignments(std::string_view org_id);

    /// The access policies granted in a project: `projectpolicies:<project_id>`.
    static scope project_policies(std::string_view project_id);

    /// The access policies granted in an organisation: `orgpolicies:<org_id>`.
    static scope org_policies(std::string_view org_id);

    /// Both: `orgpolicies:<org_id> roleassignments:<org_id>`.
    static scope org_policies_and_role_assignments(std::string_view org_id);

    /// Adds the values of another scope behind a space. Throws as the constructors do.
    scope& add(scope const& other);

    /// The text as it is sent.
    std::string const& value() const noexcept { return value_; }

    friend bool operator==(scope const&, scope const&) = default;

private:
    std::string value_;
};

} // namespace equinix::sts
