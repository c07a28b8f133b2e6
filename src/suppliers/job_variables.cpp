#include "suppliers/job_variables.hpp"

#include "base/secret_text.hpp"
#include "base/variable.hpp"
#include "base/wiped.hpp"
#include "suppliers/supplied_token.hpp"

namespace equinix::sts::suppliers_detail {

std::string_view job_variable(char const* name, std::string_view hint) {
    auto const value = base::variable(name);
    if (value.empty()) fail_by_variable(name, std::string(name) + " is not set: " + std::string(hint));
    return value;
}

void check_sendable(char const* name, std::string_view value) {
    if (auto const wrong = base::fault_of_token(value); !wrong.empty())
        fail_by_variable(name, std::string(name) + " " + std::string(wrong));
}

core::secret_header bearer_of_variable(char const* name, std::string_view hint) {
    auto const token = job_variable(name, hint);
    check_sendable(name, token);
    base::wiped_buffer credentials;
    base::append(credentials, "Bearer ");
    base::append(credentials, token);
    return {"Authorization", secret(base::view(credentials))};
}

} // namespace equinix::sts::suppliers_detail
