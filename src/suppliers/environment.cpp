#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/variable.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

bool is_name(std::string_view text) noexcept {
    return base::all_of(text, [](char c) { return base::is_alphanumeric(c) || c == '_'; });
}

/// The name is not repeated: it may be the token itself in the wrong place.
std::string checked_name(std::string name) {
    if (name.empty() || !is_name(name))
        base::refuse("the name of an environment variable must consist of letters, digits and '_'");
    return name;
}

/// Empty when the variable is unset.
std::string_view value_of(std::string const& name) noexcept {
    return base::variable(name.c_str());
}

/// `told` is the variable that an error names.
subject_token token_of(std::string const& name, std::string const& type, std::string const& source,
                       std::string const& told) {
    auto const value = value_of(name);
    if (value.empty()) fail_by_variable(told, source + " is unset or empty");
    return subject_of(value, type, source, told);
}

class environment_supplier final : public kept_supplier {
public:
    environment_supplier(std::string name, std::string type)
        : name_(checked_name(std::move(name))), type_(std::move(type)) {
        check_type(type_);
    }

    boost::asio::awaitable<subject_token> answer(supply_context) override {
        auto token = token_of(name_, type_, describe(), name_);
        co_return token;
    }

    std::string describe() const override { return named("environment variable", name_); }

private:
    std::string name_;
    std::string type_;
};

class renamed_environment_supplier final : public kept_supplier {
public:
    renamed_environment_supplier(std::string name_variable, std::string fallback, std::string type)
        : name_variable_(checked_name(std::move(name_variable))),
          fallback_(checked_name(std::move(fallback))), type_(std::move(type)) {
        check_type(type_);
    }

    boost::asio::awaitable<subject_token> answer(supply_context) override {
        // The value of one variable is the name of the other. It is not repeated: it may be a token in the
        // wrong place.
        std::string const name(value_of(name_variable_));
        auto token = name.empty()
                         ? token_of(fallback_, type_, named("environment variable", fallback_), fallback_)
                         : token_of(name, type_, "the environment variable that " + quoted() + " names",
                                    name_variable_);
        co_return token;
    }

    std::string describe() const override {
        return "environment variable '" + fallback_ + "', or that named by " + quoted();
    }

private:
    std::string quoted() const { return "'" + name_variable_ + "'"; }

    std::string name_variable_;
    std::string fallback_;
    std::string type_;
};

} // namespace

supplier_ptr environment(std::string name, std::string type) {
    return std::make_shared<environment_supplier>(std::move(name), std::move(type));
}

supplier_ptr environment_named_by(std::string name_variable, std::string fallback, std::string type) {
    return std::make_shared<renamed_environment_supplier>(std::move(name_variable), std::move(fallback),
                                                          std::move(type));
}

supplier_ptr hcp_terraform(std::string tag) {
    std::string name = "TFC_WORKLOAD_IDENTITY_TOKEN";
    if (!tag.empty()) name += "_" + tag;
    return environment(std::move(name));
}

} // namespace equinix::sts::suppliers
