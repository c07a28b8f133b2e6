// Form encoding, there and back; and whole requests with whatever fields, read by the mock's own decoder.
#include "base/form.hpp"

#include "core/request_bytes.hpp"
#include "fuzz/target.hpp"
#include "testing/form_fields.hpp"

#include <equinix/sts.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;
namespace testing = equinix::sts::testing;
using namespace test;

void there_and_back(std::string_view text) {
    base::wiped_buffer encoded;
    base::form_encode(encoded, text);
    for (char const c : encoded)
        require((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    std::string_view("-._~+%").find(c) != std::string_view::npos,
                "an encoded text has a character that is not to be there");
    require(testing::form_decode(base::view(encoded)) == text, "a text does not come back");
}

/// The lines of the text, taken from the front; empty ones when there are no more.
class lines {
public:
    explicit lines(std::string_view text) : rest_(text) {}
    std::string_view next() {
        auto const line = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
        return line;
    }

private:
    std::string_view rest_;
};

/// A request of these words, and the fields that it must have.
struct asked {
    sts::exchange_request request;
    testing::form_fields fields;
};

asked make(lines words) {
    std::string const subject(words.next()), scope(words.next()), audience(words.next());
    std::string const name(words.next()), value(words.next());
    std::string const id(words.next()), credential(words.next()), how(words.next());
    asked made{sts::exchange_request(sts::subject_token(subject)), {}};
    made.fields.emplace_back("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    made.fields.emplace_back("subject_token", subject);
    made.fields.emplace_back("subject_token_type", sts::token_types::id_token);
    if (!scope.empty()) {
        made.request.scope(sts::scope(scope));
        made.fields.emplace_back("scope", scope);
    }
    if (!audience.empty()) {
        made.request.audience(audience);
        made.fields.emplace_back("audience", audience);
    }
    if (!name.empty()) {
        made.request.parameter(name, value);
        made.fields.emplace_back(name, value);
    }
    if (how == "post") {
        made.request.authentication(sts::client_authentication::secret_post(id, sts::secret(credential)));
        made.fields.emplace_back("client_id", id);
        made.fields.emplace_back("client_secret", credential);
    } else if (how == "basic") {
        made.request.authentication(sts::client_authentication::secret_basic(id, sts::secret(credential)));
    } else if (how == "bearer") {
        made.request.authentication(sts::client_authentication::bearer(sts::secret(credential)));
    }
    return made;
}

void check(asked const& expected) {
    base::wiped_buffer bytes;
    core::write_request(bytes, core::head_prefix(sts::client_options()), expected.request);
    auto const whole = base::view(bytes);
    auto const end = whole.find("\r\n\r\n");
    require(end != std::string_view::npos, "a request whose head does not end");
    auto const head = whole.substr(0, end + 2);
    auto const body = whole.substr(end + 4);
    for (char const c : head)
        require(c == '\r' || c == '\n' || (c >= ' ' && c <= '~'), "a head with a control character");

    constexpr std::string_view length = "\r\nContent-Length: ";
    auto const at = head.find(length);
    require(at != std::string_view::npos && head.find(length, at + 1) == std::string_view::npos,
            "a length, and one");
    std::size_t told = 0;
    std::from_chars(head.data() + at + length.size(), head.data() + head.size(), told);
    require(told == body.size(), "the length is not the body's");

    auto const wanted = expected.request.authentication().which();
    bool const authorised = wanted == sts::client_authentication::method::secret_basic ||
                            wanted == sts::client_authentication::method::bearer;
    constexpr std::ptrdiff_t plain_lines = 6;
    require(std::count(head.begin(), head.end(), '\n') == plain_lines + (authorised ? 1 : 0),
            "a field adds a line to the head");

    auto sent = testing::parse_form(body);
    require(sent.has_value(), "a body that is no form");
    auto fields = expected.fields;
    std::sort(sent->begin(), sent->end());
    std::sort(fields.begin(), fields.end());
    require(*sent == fields, "other fields than those that were set");
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = text_of(data, size);
    there_and_back(text);
    try {
        check(make(lines(text)));
    } catch (sts::error const& refused) {
        require(refused.kind() == sts::error_kind::config,
                "a field is refused for another reason than itself");
        lines words(text);
        for (int i = 0; i < 3; ++i)
            words.next();
        auto const name = words.next(); // which alone is no secret, and is told
        if (!shows_canary(name)) require_no_canary(refused.what());
    }
    return 0;
}
