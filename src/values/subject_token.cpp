#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/secret_text.hpp"

#include <equinix/sts/subject_token.hpp>

namespace equinix::sts {

subject_token::subject_token(secret token, std::string type)
    : token_(std::move(token)), type_(std::move(type)) {
    if (auto const wrong = base::fault_of_token(token_.reveal()); !wrong.empty())
        base::refuse(std::string("subject token ").append(wrong));
    if (type_.empty() || !base::all_visible(type_))
        base::refuse("subject token type is empty or not a URI: use one of sts::token_types");
}

subject_token::subject_token(std::string_view token, std::string type)
    : subject_token(secret(token), std::move(type)) {}

subject_token::subject_token(char const* token, std::string type)
    : subject_token(secret(token), std::move(type)) {}

} // namespace equinix::sts
