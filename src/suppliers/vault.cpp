#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/secret_text.hpp"
#include "base/variable.hpp"
#include "suppliers/file_reader.hpp"
#include "suppliers/http_source.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <string>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;

/// A setting: OpenBao's variable, else Vault's, which OpenBao reads too.
struct setting {
    char const* name;
    std::string_view value;
};

setting read(char const* of_bao, char const* of_vault) {
    auto const value = base::variable(of_bao);
    return value.empty() ? setting{of_vault, base::variable(of_vault)} : setting{of_bao, value};
}

bool is_role(std::string_view text) noexcept {
    bool const is_name = !text.empty() && base::all_of(text, [](char c) {
        return base::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
    });
    return is_name && text.front() != '.' && text.back() != '.';
}

http_options adapted(http_options options) {
    check_own_headers(options, {"X-Vault-Token", "X-Vault-Request", "X-Vault-Namespace"}, "suppliers::vault");
    options.method = "GET";
    options.body = secret();
    options.json_member.clear();
    options.json_pointer = "/data/token";
    options.headers.emplace_back("X-Vault-Request", secret("true")); // an agent in front may demand it
    auto& tls = options.connection.tls;
    if (tls.ca_file.empty() && tls.ca_directory.empty() && tls.ca_pem.empty()) {
        tls.ca_file = read("BAO_CACERT", "VAULT_CACERT").value;
        if (tls.ca_file.empty()) tls.ca_directory = read("BAO_CAPATH", "VAULT_CAPATH").value;
    }
    return options;
}

class vault_supplier final : public kept_supplier {
public:
    vault_supplier(std::string role, http_options options)
        : role_(std::move(role)),
          source_(std::make_shared<http_source>("Vault", adapted(std::move(options)))) {
        if (!is_role(role_))
            base::refuse(
                "suppliers::vault: the role must consist of letters, digits, '-', '_' and '.', and must "
                "not begin or end with '.'");
    }

    std::string describe() const override { return source_->name(); }

private:
    asio::awaitable<subject_token> answer(supply_context context) override {
        auto const address = read("BAO_ADDR", "VAULT_ADDR");
        auto const url = url_at(address);
        auto const deadline = context.deadline();
        auto login = co_await vault_token(reader_, deadline);
        std::vector<core::secret_header> headers{{"X-Vault-Token", std::move(login)}};
        auto const space = read("BAO_NAMESPACE", "VAULT_NAMESPACE");
        if (!space.value.empty())
            headers.emplace_back("X-Vault-Namespace", checked(space.value, space.name, space.name));
        auto request = source_->request(url, std::move(headers));
        auto token = co_await source_->fetch(url.origin, std::move(request), std::move(context));
        co_return token;
    }

    token_url url_at(setting const& address) const {
        if (address.value.empty())
            fail_by_variable(address.name,
                             std::string(address.name) + " is not set: the address of Vault or OpenBao");
        auto const url = std::string(without_end_slashes(address.value)) + "/v1/identity/oidc/token/" + role_;
        return read_service_url(address.name, url, address.name);
    }

    /// From the environment, else from the file that `vault login` writes.
    static asio::awaitable<secret> vault_token(std::shared_ptr<file_reader> reader,
                                               std::chrono::steady_clock::time_point deadline) {
        auto const given = read("BAO_TOKEN", "VAULT_TOKEN");
        if (!given.value.empty()) co_return checked(given.value, given.name, given.name);
        auto const home = base::variable("HOME");
        std::string const source = std::string(given.name) + " is not set, and file '~/.vault-token'";
        if (home.empty()) fail_by_variable(given.name, source + " cannot be read: HOME is not set");
        std::string const path = std::string(home) + "/.vault-token";
        auto const content = co_await read_file(reader, path, source, deadline);
        check_read(*content, source);
        co_return checked(base::view(content->text), source, {});
    }

    static secret checked(std::string_view text, std::string_view source, std::string_view option) {
        auto const token = base::read_token(text);
        if (!token.wrong.empty())
            fail_by_variable(option, std::string(source) + " " + std::string(token.wrong));
        return secret(token.value);
    }

    std::string const role_;
    std::shared_ptr<http_source> const source_;
    std::shared_ptr<file_reader> const reader_ = std::make_shared<file_reader>();
};

} // namespace

supplier_ptr vault(std::string role, http_options options) {
    return std::make_shared<vault_supplier>(std::move(role), std::move(options));
}

} // namespace equinix::sts::suppliers
