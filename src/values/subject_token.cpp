#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/secret_text.hpp"

#include <equinix/sts/subject_token.hpp>

namespace equinix::sts {

subject_token::subject_token(secret token, std::string type)
    : token_(std::move(token)), type_(std::move(type)) {
    if (token_.empty()) base::refuse("subject token is empty");
    if (token_.size() > base::largest_secret) base::refuse("subject token is longer than 64 KiB");
    if (!base::all_visible(token_.reveal()))
        base::refuse("subject token contains a space, a line break or a control character: trim it");
    if (type_.empty() || !base::all_visible(type_))
        base::refuse("subject token type is empty or not a URI: use one of sts::token_types");
}

subject_token::subject_token(std::string_view token, std::string type)
    : subject_token(secret(token), std::move(type)) {}

subject_token::subject_token(char const* token, std::string type)
    : subject_token(secret(token), std::move(type)) {}

} // namespace equinix::sts
