// Whatever a server may send, through what stands between a connection and a caller: the session over a
// stream in memory, the request that the exchange writes, its judgement of the answer. However the bytes are
// split, the end is the same; so it is without the space behind the status; an answer that is complete is not
// waited for; what comes between two exchanges ends the connection; a token is fit for a header; no text
// shows the subject token; every run comes to an end.
#include "base/characters.hpp"
#include "client/exchange.hpp"
#include "core/request_bytes.hpp"
#include "fuzz/scripted_stream.hpp"
#include "fuzz/target.hpp"
#include "net/session.hpp"

#include <equinix/sts.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

namespace {

namespace sts = equinix::sts;
using namespace test;
using net::session_step;

constexpr sts::limit_options limits = [] {
    sts::limit_options small; // so that a fuzzer gets beyond them
    small.max_head = 1024;
    small.max_body = 4096;
    return small;
}();

struct setting {
    sts::exchange_request request =
        sts::exchange_request(sts::subject_token(canary)).scope(sts::scope("a:b"));
    sts::client_detail::exchange_terms terms{sts::client_options()};
};

setting const& fixed() {
    static setting const made;
    return made;
}

/// What became of an exchange.
struct outcome {
    std::optional<sts::token> token;
    sts::error_info failure;
    bool usable = false; ///< the connection, for another exchange
    bool waits = false;  ///< for more from a peer that is silent for good: there is no end yet
};

session_step drive(net::session& session, wire const& on, std::size_t patience) {
    for (std::size_t turn = 0; turn < patience; ++turn) {
        auto const step = session.advance();
        if (step == session_step::done || step == session_step::failed) return step;
        if (on.is_dead() && session.request_complete() && step == session_step::want_read) return step;
    }
    require(false, "an exchange does not end");
    return session_step::failed;
}

outcome exchange_on(net::session& session, wire& on, std::size_t patience) {
    sts::client_detail::exchange asking(fixed().terms, fixed().request);
    sts::base::wiped_buffer request;
    asking.write_request(request);
    auto const before = on.written.size();
    session.start(request);
    auto const step = drive(session, on, patience);
    auto const sent = std::string_view(on.written).substr(before);
    require(sts::base::view(request).starts_with(sent), "what was sent is not the request");
    outcome made;
    if (step == session_step::done) {
        auto const why = asking.judge(session.answer());
        require(why.has_value() != asking.got.has_value(), "a success without a token, or the reverse");
        made.token = asking.got;
        if (why) made.failure = *why;
        made.usable = session.finish();
        require(!made.usable || sent.size() == request.size(),
                "a connection is kept whose request is not sent");
    } else if (step == session_step::want_read) {
        made.waits = true;
    } else {
        made.failure = session.failure(); // and the session is over
    }
    return made;
}

void check(outcome const& of) {
    if (of.waits) return;
    if (of.token) {
        auto const text = of.token->access_token.reveal();
        require(!text.empty(), "a token is empty");
        for (char const c : text)
            require(c >= '!' && c <= '~', "a token has a character that may not stand in a header");
        require(of.token->authorization().reveal() == "Bearer " + std::string(text),
                "the header is another token's");
        require(of.token->token_type == "Bearer", "a token of another type");
        auto const lives = of.token->expires_in.value_or(std::chrono::seconds(0));
        require(lives >= std::chrono::seconds(0) && lives <= std::chrono::hours(24) * 365 * 100,
                "a lifetime is absurd");
        return;
    }
    using kind = sts::error_kind;
    auto const& why = of.failure;
    switch (why.kind) {
    case kind::network:
    case kind::truncated:
    case kind::protocol:
    case kind::limit:
    case kind::redirect:
    case kind::http:
    case kind::unavailable:
    case kind::oauth:
    case kind::malformed:
        break;
    default:
        require(false, "an answer cannot be the cause of such an error");
    }
    require(!why.message.empty(), "an error says nothing");
    require(!why.retry_after || *why.retry_after >= std::chrono::seconds(0), "a wait is negative");
    require_no_canary(why.to_string());
    require_no_canary(why.oauth_error + ' ' + why.oauth_error_description + ' ' + why.oauth_error_uri);
}

bool is_ill_framed(outcome const& of) {
    using kind = sts::error_kind;
    auto const why = of.failure.kind;
    return !of.token && (why == kind::limit || why == kind::protocol || why == kind::truncated);
}

bool is_over_limit(outcome const& of) {
    return !of.token && of.failure.kind == sts::error_kind::limit;
}

/// What is wrong with chunked framing is told in other words when it comes in pieces: a line beyond the limit
/// is refused as soon as it is waited for, and may pass in one piece; a bad end may pass for one that is cut
/// off.
bool same(outcome const& a, outcome const& b, bool chunked) {
    if (chunked && is_ill_framed(a) && is_ill_framed(b)) return true;
    if (chunked && (is_over_limit(a) || is_over_limit(b))) return true;
    if (a.token.has_value() != b.token.has_value()) return false;
    if (a.token)
        return a.token->access_token.reveal() == b.token->access_token.reveal() &&
               a.token->scope == b.token->scope && a.token->expires_in == b.token->expires_in;
    return a.failure.kind == b.failure.kind && a.failure.http_status == b.failure.http_status &&
           a.failure.oauth_error == b.failure.oauth_error;
}

outcome first_answer(std::deque<std::string_view> pieces, wire::ending end) {
    wire on;
    on.pieces = std::move(pieces);
    on.ends = end;
    auto const patience = 10 * (on.pieces.size() + 10);
    net::session session(std::make_unique<scripted_stream>(on), limits);
    auto const made = exchange_on(session, on, patience);
    check(made);
    return made;
}

std::deque<std::string_view> in_one(std::string_view bytes) {
    if (bytes.empty()) return {};
    return {bytes};
}

/// Pieces of a random size, `most` at most.
std::deque<std::string_view> split(std::string_view bytes, std::size_t most, std::minstd_rand& random) {
    std::deque<std::string_view> pieces;
    while (!bytes.empty()) {
        auto const size = std::min<std::size_t>(bytes.size(), 1 + random() % most);
        pieces.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return pieces;
}

/// One exchange after another for as long as the connection lasts, the bytes coming as they come: for an
/// exchange, or unasked between two.
void converse(std::deque<std::string_view> pieces, std::minstd_rand& random) {
    wire on;
    on.pieces = std::move(pieces);
    on.ends = random() % 2 == 0 ? wire::ending::in_order : wire::ending::none;
    on.most_taken = 7;
    net::session session(std::make_unique<scripted_stream>(on), limits);
    auto const patience = 1000 + 10 * on.pieces.size();
    for (auto made = exchange_on(session, on, patience); made.usable;
         made = exchange_on(session, on, patience)) {
        check(made);
        on.comes = random() % 4 == 0 ? wire::arrival::at_once : wire::arrival::not_now;
        bool const unasked = on.comes == wire::arrival::at_once && !on.is_dead();
        bool const idle = session.still_idle();
        require(idle || unasked, "a connection is given up that nothing happened to");
        require(!idle || !unasked,
                "a connection is kept that was closed, or on which something came unasked");
        on.comes = wire::arrival::after_a_wait;
        if (idle) continue;
        auto const sent = on.written.size();
        auto const late = exchange_on(session, on, patience);
        require(!late.token && late.failure.kind == sts::error_kind::network && on.written.size() == sent,
                "an exchange on a connection that is over");
        return;
    }
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = text_of(data, size);
    auto const seed = std::hash<std::string_view>()(bytes);
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
    constexpr std::string_view coding = "chunked";
    bool const chunked = std::search(bytes.begin(), bytes.end(), coding.begin(), coding.end(),
                                     [](char a, char b) { return sts::base::lower(a) == b; }) != bytes.end();
    auto const whole = first_answer(in_one(bytes), wire::ending::in_order);
    auto const byte_by_byte = first_answer(split(bytes, 1, random), wire::ending::in_order);
    require(same(whole, byte_by_byte, chunked), "byte by byte the answer is another one");
    auto const in_pieces = first_answer(split(bytes, 40, random), wire::ending::in_order);
    require(same(whole, in_pieces, chunked), "in pieces the answer is another one");
    auto const cut = first_answer(split(bytes, 40, random), wire::ending::broken);
    require(!cut.token || same(whole, cut, chunked), "an answer that was cut off is another one");
    auto const unended = first_answer(split(bytes, 40, random), wire::ending::none);
    require(unended.waits || same(whole, unended, chunked), "an answer without an end is another one");
    require(!unended.waits || !whole.usable, "an answer that is complete is waited for");
    constexpr std::size_t status_ends = 12;
    if (bytes.size() > status_ends && bytes.substr(status_ends).starts_with("\r\n")) {
        auto const spaced = std::string(bytes).insert(status_ends, " ");
        auto const with_space = first_answer(in_one(spaced), wire::ending::in_order);
        // One byte more may be one too many.
        require(is_over_limit(with_space) || same(whole, with_space, chunked),
                "with a space behind the status the answer is another one");
    }
    converse(split(bytes, 40, random), random);
    return 0;
}
