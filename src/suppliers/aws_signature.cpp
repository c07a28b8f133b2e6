#include "suppliers/aws_signature.hpp"

#include "base/hexadecimal.hpp"
#include "base/http_date.hpp"
#include "base/keyed_hash.hpp"
#include "base/sha256.hpp"
#include "base/wiped.hpp"

#include <initializer_list>
#include <utility>

namespace equinix::sts::suppliers_detail {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string hexadecimal_sha256(std::string_view text) {
    auto const digest = base::sha256(text);
    std::string out;
    base::append_hexadecimal(out, {digest.data(), digest.size()});
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
    base::append(canonical, joined({"\n\n", names, "\n", hexadecimal_sha256(what.body)}));

    auto const scope = joined({date, "/", what.region, "/", what.service, "/aws4_request"});
    auto const to_sign =
        joined({algorithm, "\n", time, "\n", scope, "\n", hexadecimal_sha256(base::view(canonical))});
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
