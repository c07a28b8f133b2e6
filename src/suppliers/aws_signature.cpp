#include "suppliers/aws_signature.hpp"

#include "base/hexadecimal.hpp"
#include "base/http_date.hpp"
#include "base/keyed_hash.hpp"
#include "base/openssl_failure.hpp"
#include "base/wiped.hpp"

#include <openssl/evp.h>

#include <array>
#include <initializer_list>
#include <utility>

namespace equinix::sts::suppliers_detail {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), &size) != 1)
        base::fail_by_openssl("compute a SHA-256", phase::supplier);
    std::string out;
    base::append_hexadecimal(out,
                             {reinterpret_cast<char const*>(digest.data()), size}); // NOLINT: OpenSSL's type
    return out;
}

/// Of each text in turn, with what the one before has made as the key.
base::wiped_buffer chained_hmac(base::wiped_buffer key, std::initializer_list<std::string_view> texts) {
    for (auto const text : texts) {
        auto made = base::keyed_hash(base::view(key)).of({text});
        base::wipe(key);
        base::append(key, {made.data(), made.size()});
        base::wipe(made.data(), made.size());
    }
    return key;
}

/// As in `20260131T235959Z`.
std::string basic_time(std::chrono::sys_seconds when) {
    auto text = base::iso_time(when);
    std::erase(text, '-');
    std::erase(text, ':');
    return text;
}

std::string joined(std::initializer_list<std::string_view> texts) {
    std::string out;
    for (auto const text : texts)
        out += text;
    return out;
}

} // namespace

std::vector<core::secret_header> aws_signature(aws_credentials const& by, aws_request const& what,
                                               std::chrono::sys_seconds now) {
    auto const time = basic_time(now);
    auto const date = std::string_view(time).substr(0, 8);
    bool const is_temporary = !by.session_token.empty();
    auto const names =
        std::string("content-type;host;x-amz-date") + (is_temporary ? ";x-amz-security-token" : "");
    base::wiped_buffer canonical; // it holds the session token
    for (std::string_view const part :
         {std::string_view("POST\n/\n\ncontent-type:"), what.content_type, std::string_view("\nhost:"),
          what.host, std::string_view("\nx-amz-date:"), std::string_view(time)})
        base::append(canonical, part);
    if (is_temporary) {
        base::append(canonical, "\nx-amz-security-token:");
        base::append(canonical, by.session_token.reveal());
    }
    base::append(canonical, joined({"\n\n", names, "\n", sha256(what.body)}));

    auto const scope = joined({date, "/", what.region, "/", what.service, "/aws4_request"});
    auto const to_sign = joined({algorithm, "\n", time, "\n", scope, "\n", sha256(base::view(canonical))});
    base::wiped_buffer key;
    base::append(key, "AWS4");
    base::append(key, by.secret_access_key.reveal());
    auto const signature =
        chained_hmac(std::move(key), {date, what.region, what.service, "aws4_request", to_sign});
    auto authorization = joined(
        {algorithm, " Credential=", by.access_key_id, "/", scope, ", SignedHeaders=", names, ", Signature="});
    base::append_hexadecimal(authorization, base::view(signature));

    std::vector<core::secret_header> fields;
    fields.emplace_back("X-Amz-Date", secret(time));
    if (is_temporary) fields.emplace_back("X-Amz-Security-Token", by.session_token);
    fields.emplace_back("Authorization", secret(authorization));
    return fields;
}

} // namespace equinix::sts::suppliers_detail
