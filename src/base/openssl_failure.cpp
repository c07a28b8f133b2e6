#include "base/openssl_failure.hpp"

#include "base/failure.hpp"
#include "base/redact.hpp"
#include "base/variable.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <new>
#include <string>
#include <system_error>

namespace equinix::sts::base {
namespace {

/// The content of the queue, the first cause first. OpenSSL often reports a lack of memory that is none: it
/// counts only if nothing else is reported.
struct openssl_reasons {
    std::string text;
    bool no_memory = false;
};

openssl_reasons take_reasons() {
    openssl_reasons found;
    char const* data = nullptr;
    int flags = 0;
    while (auto const code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
            found.no_memory = true;
            continue;
        }
        auto const* const reason = ERR_reason_error_string(code);
        std::string one = reason != nullptr ? reason : "error " + std::to_string(code);
        if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0')
            one += " (" + printable(data, {}, 200) + ")";
        if (found.text.find(one) == std::string::npos) found.text += (found.text.empty() ? "" : ", ") + one;
    }
    if (!found.text.empty()) {
        found.no_memory = false;
    } else if (RAND_status() != 1) {
        ERR_clear_error();
        found = {"no random numbers are available", false};
    }
    return found;
}

} // namespace

error_info openssl_failure(std::string_view what, sts::phase where) {
    auto const reasons = take_reasons();
    if (reasons.no_memory) throw std::bad_alloc();
    auto const file = variable("OPENSSL_CONF");
    auto const setting = file.empty() ? std::string("the system's openssl.cnf")
                                      : "OPENSSL_CONF (" + printable(file, {}, 255) + ")";
    auto info = failure(error_kind::config, where,
                        "OpenSSL cannot " + std::string(what) + ": " +
                            (reasons.text.empty() ? "no reason given" : reasons.text) + "; check " + setting +
                            ": each provider named there must be installed, and the default one active; the "
                            "system call getrandom() must be allowed");
    if (!file.empty()) info.option = "OPENSSL_CONF";
    return info;
}

std::string openssl_reasons() {
    std::string all;
    while (auto const code = ERR_get_error()) {
        auto const* const reason = ERR_reason_error_string(code);
        auto const one = ERR_SYSTEM_ERROR(code) ? std::generic_category().message(ERR_GET_REASON(code))
                                                : std::string(reason != nullptr ? reason : "");
        if (!one.empty() && all.find(one) == std::string::npos) all += (all.empty() ? "" : ", ") + one;
    }
    return all.empty() ? "no reason given" : all;
}

void fail_by_openssl(std::string_view what, sts::phase where) {
    throw error(openssl_failure(what, where));
}

} // namespace equinix::sts::base
