#include "tool/subject_platform.hpp"

#include "tool/arguments.hpp"
#include "tool/options.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace equinix::sts::tool {
namespace {

enum class need : unsigned char { none, optional, required };

struct platform_row {
    std::string_view name;
    need audience;
    need detail;
    std::string_view detail_is; ///< for an error; empty if there is none
    suppliers::supplier_ptr (*make)(std::string const& audience, std::string const& detail);
};

using std::string;

constexpr std::array platforms = {
    platform_row{"ambient", need::required, need::none, "",
                 [](string const& audience, string const&) { return suppliers::ambient(audience); }},
    platform_row{"aws", need::required, need::none, "",
                 [](string const& audience, string const&) { return suppliers::aws(audience); }},
    platform_row{"azure", need::none, need::none, "",
                 [](string const&, string const&) { return suppliers::azure_federated_token(); }},
    platform_row{"azure-pipelines", need::none, need::optional, "the service connection",
                 [](string const&, string const& detail) { return suppliers::azure_pipelines(detail); }},
    platform_row{"bitbucket", need::none, need::none, "",
                 [](string const&, string const&) { return suppliers::bitbucket(); }},
    platform_row{"buildkite", need::required, need::none, "",
                 [](string const& audience, string const&) { return suppliers::buildkite(audience); }},
    platform_row{"circleci", need::optional, need::none, "",
                 [](string const& audience, string const&) {
                     return audience.empty() ? suppliers::circleci() : suppliers::circleci(audience);
                 }},
    platform_row{"gcp", need::required, need::none, "",
                 [](string const& audience, string const&) { return suppliers::gcp_metadata(audience); }},
    platform_row{"github", need::required, need::none, "",
                 [](string const& audience, string const&) { return suppliers::github_actions(audience); }},
    platform_row{"gitlab", need::none, need::required, "the variable that the job's id_tokens name",
                 [](string const&, string const& detail) { return suppliers::gitlab(detail); }},
    platform_row{
        "google-file", need::none, need::optional, "the file",
        [](string const&, string const& detail) { return suppliers::google_external_account(detail); }},
    platform_row{"hcp-terraform", need::none, need::optional, "the tag",
                 [](string const&, string const& detail) { return suppliers::hcp_terraform(detail); }},
    platform_row{"kubernetes", need::none, need::optional, "the file",
                 [](string const&, string const& detail) {
                     return detail.empty() ? suppliers::kubernetes() : suppliers::kubernetes(detail);
                 }},
    platform_row{"vault", need::none, need::required, "the role",
                 [](string const&, string const& detail) { return suppliers::vault(detail); }},
};

/// The shells' completions offer the same names; behind one that needs a detail, a colon.
constexpr bool are_completed() {
    auto left = find_option("--subject-from")->values;
    for (auto const& row : platforms) {
        auto const name = left.substr(0, left.find(' '));
        left.remove_prefix(std::min(name.size() + 1, left.size()));
        bool const has_colon = name.ends_with(':');
        if (name.substr(0, name.size() - has_colon) != row.name ||
            has_colon != (row.detail == need::required))
            return false;
    }
    return left.empty();
}
static_assert(are_completed());

struct named_platform {
    platform_row const* row; ///< null if there is none
    std::string detail;
};

named_platform find(std::string_view platform) {
    auto const name = platform.substr(0, platform.find(':'));
    auto const detail =
        name.size() == platform.size() ? std::string_view() : platform.substr(name.size() + 1);
    auto const* const at = std::find_if(platforms.begin(), platforms.end(),
                                        [&](platform_row const& row) { return row.name == name; });
    return {at == platforms.end() ? nullptr : at, std::string(detail)};
}

} // namespace

void check_platform(std::string_view platform, std::string const& audience) {
    auto const [row, detail] = find(platform);
    if (row == nullptr) {
        std::string list;
        for (auto const& one : platforms)
            list.append(list.empty() ? "" : ", ").append(one.name);
        throw usage_error("--subject-from needs one of " + list);
    }
    auto const name = std::string(row->name);
    if (row->detail == need::required && detail.empty())
        throw usage_error("--subject-from " + name + " needs " + std::string(row->detail_is) +
                          ": --subject-from " + name + ":...");
    if (row->detail == need::none && platform.size() != row->name.size())
        throw usage_error("--subject-from " + name + " takes no value after a colon");
    if (row->audience == need::required && audience.empty())
        throw usage_error("--subject-from " + name + " needs --subject-audience");
    if (row->audience == need::none && !audience.empty())
        throw usage_error("--subject-from " + name +
                          " takes no --subject-audience: the platform's own configuration sets the audience");
}

suppliers::supplier_ptr platform_supplier(std::string_view platform, std::string const& audience) {
    auto const [row, detail] = find(platform);
    BOOST_ASSERT(row != nullptr);
    return row->make(audience, detail);
}

} // namespace equinix::sts::tool
