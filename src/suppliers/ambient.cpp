#include "suppliers/ambient.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/read_file.hpp"
#include "base/variable.hpp"
#include "suppliers/kept_supplier.hpp"
#include "values/variables.hpp"

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace equinix::sts::suppliers_detail {
namespace {

using suppliers::supplier_ptr;

constexpr char const* kubernetes_token = "/var/run/secrets/tokens/equinix-sts";

/// The name that tools expect in `id_tokens:` for an audience: `<AUDIENCE>_ID_TOKEN`.
std::string gitlab_variable(std::string const& audience) {
    std::string name;
    for (char const c : audience)
        name += base::is_alphanumeric(c) ? static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : '_';
    return name + "_ID_TOKEN";
}

/// What shows a platform: the first of these variables that is set, or a file that begins with a text.
struct evidence {
    std::vector<char const*> variables;
    char const* file = nullptr;
    std::string_view begins_with{};
};

class search {
public:
    explicit search(std::string root) : root_(std::move(root)) {}

    /// Why it is this platform; empty if it is not.
    std::string sees(evidence const& what) {
        for (auto const* const name : what.variables) {
            looked_for(name);
            if (!base::variable(name).empty()) return std::string(name) + " is set";
        }
        if (what.file == nullptr) return {};
        looked_for(what.file);
        auto const path = root_ + what.file;
        if (what.begins_with.empty()) { // one that cannot be read is the platform's, too
            std::error_code unreadable;
            auto const found = std::filesystem::status(path, unreadable).type();
            return found == std::filesystem::file_type::not_found ? std::string()
                                                                  : std::string(what.file) + " exists";
        }
        auto const content = base::read_file(path, 1024);
        bool const is_it =
            content.problem == nullptr && base::view(content.text).starts_with(what.begins_with);
        return is_it ? std::string(what.file) + " begins with " + std::string(what.begins_with)
                     : std::string();
    }

    std::string const& all() const { return all_; }

private:
    void looked_for(char const* what) { all_.append(all_.empty() ? "" : ", ").append(what); }

    std::string const root_;
    std::string all_;
};

} // namespace

ambient_choice choose_ambient(std::string const& audience, std::string const& root) {
    if (audience.empty()) base::refuse("suppliers::ambient: the audience is empty");
    namespace s = suppliers;
    struct platform {
        evidence shown_by;
        std::function<supplier_ptr()> make;
    };
    // What the user has set comes first, then CI before clouds: a job may run on a machine of a cloud.
    std::initializer_list<platform> const platforms = {
        {{{values::variables::subject_token_name, values::variables::subject_token}},
         [] {
             return s::environment_named_by(values::variables::subject_token_name,
                                            values::variables::subject_token);
         }},
        {{{"ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_ACTIONS"}}, [&] { return s::github_actions(audience); }},
        {{{"GITLAB_CI"}}, [&] { return s::gitlab(gitlab_variable(audience)); }},
        {{{"CIRCLECI"}}, [&] { return s::circleci(audience); }},
        {{{"BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_BUILD_NUMBER"}}, [] { return s::bitbucket(); }},
        {{{"BUILDKITE"}}, [&] { return s::buildkite(audience); }},
        {{{"SYSTEM_OIDCREQUESTURI"}}, [] { return s::azure_pipelines(); }},
        {{{"TFC_WORKLOAD_IDENTITY_TOKEN"}}, [] { return s::hcp_terraform(); }},
        {{{}, kubernetes_token}, [] { return s::kubernetes(kubernetes_token); }},
        {{{"AZURE_FEDERATED_TOKEN_FILE"}}, [] { return s::azure_federated_token(); }},
        {{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
           "AWS_ACCESS_KEY_ID"},
          "/sys/class/dmi/id/sys_vendor",
          "Amazon EC2"},
         [&] { return s::aws(audience); }},
        {{{"GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB"}, "/sys/class/dmi/id/product_name", "Google"},
         [&] { return s::gcp_metadata(audience); }},
    };
    search looking(root);
    for (auto const& one : platforms)
        if (auto why = looking.sees(one.shown_by); !why.empty()) return {one.make(), std::move(why)};
    base::refuse("suppliers::ambient: no platform with tokens of its own was recognised; looked for " +
                 looking.all());
}

} // namespace equinix::sts::suppliers_detail

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

class ambient_supplier final : public kept_supplier {
public:
    explicit ambient_supplier(ambient_choice choice) : choice_(std::move(choice)) {}

    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        auto token = co_await choice_.supplier->supply(std::move(context));
        co_return token;
    }

    std::string describe() const override {
        return choice_.supplier->describe() + " (chosen because " + choice_.why + ")";
    }

private:
    ambient_choice const choice_;
};

} // namespace

supplier_ptr ambient(std::string audience) {
    return std::make_shared<ambient_supplier>(choose_ambient(audience));
}

} // namespace equinix::sts::suppliers
