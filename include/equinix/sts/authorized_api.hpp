/// \file
/// API calls with the token of a source, for an HTTP client on Boost.Beast. Not part of
/// `<equinix/sts.hpp>`.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/token_source.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace equinix::sts {

/// Adds the token of a source to each call of an API, and repeats a call that was refused because of its
/// token:
/// - with a new token, if the answer is 401, for example because the token has been revoked. The old one is
///   discarded for all users of the source. The call is not repeated if the source returns the same token
///   again, or if the proof of a bound token was refused (`invalid_dpop_proof`).
/// - with the nonce in the answer, if the API requires one in the proof of a bound token (RFC 9449 section
///   9).
///
/// Each happens at most once in a call. Any other answer is returned to the caller.
///
/// Use one object for each API (origin): it keeps the API's last nonce, which copies share. Thread-safe, as
/// the source is.
class EQUINIX_STS_DECL authorized_api {
public:
    /// Creates an object that holds this source and uses its tokens.
    explicit authorized_api(token_source tokens);

    /// Calls the API. `send` is called for each attempt and does everything that concerns the connection.
    /// It must be callable again after an answer with status 400 or 401, on the same connection if that is
    /// still open.
    ///
    /// \param url     the request's absolute URL, for the proof of a bound token (RFC 9449 section 4.2). Its
    ///                query and fragment are ignored.
    /// \param request a `boost::beast::http::request`. The call sets its fields `Authorization` and, for a
    ///                bound token, `DPoP`. It must be repeatable, so its body must not be a file that is
    ///                read only once.
    /// \param send    a function that takes `Request const&` and returns `awaitable<http::response<...>>`.
    ///                The coroutine keeps it. With g++ 12 pass a named object, not a lambda in the
    ///                `co_await` expression.
    /// \return the last response.
    ///
    /// Blocks for as long as the key of a bound token takes to sign: see `signing_key::signs_inline()`.
    ///
    /// Cancellation: as for `token_source::get()` and for the awaitable that `send` returns.
    ///
    /// \throws what `token_source::get()`, `token::proof()` and `send` throw.
    template <class Request, class Send>
    std::invoke_result_t<Send&, Request const&> send(std::string url, Request request, Send send) const {
        return run(*this, std::move(url), std::move(request), std::move(send));
    }

private:
    /// What has been repeated in a call.
    struct repetitions {
        bool token = false, nonce = false;
    };
    /// What an answer means for the call.
    enum class next { done, other_nonce, other_token };

    std::string proof(token const& shown, std::string_view method, std::string_view url) const;
    next judge(repetitions& so_far, token const& shown, unsigned status, std::string_view challenges,
               std::string_view nonce) const;
    static bool is_same(token const& a, token const& b) noexcept;

    template <class Request, class Send>
    static std::invoke_result_t<Send&, Request const&> run(authorized_api api, std::string url,
                                                           Request request, Send send) {
        repetitions so_far;
        auto shown = co_await api.tokens_.get();
        for (;;) {
            auto const authorization = shown->authorization();
            request.set("Authorization", authorization.reveal());
            std::string_view const method(request.method_string().data(), request.method_string().size());
            auto const proof = api.proof(*shown, method, url);
            request.erase("DPoP"); // of another token
            if (!proof.empty()) request.set("DPoP", std::string_view(proof));
            auto answer = co_await send(request);
            std::string challenges;
            auto const fields = answer.equal_range("WWW-Authenticate");
            for (auto at = fields.first; at != fields.second; ++at)
                challenges.append(challenges.empty() ? "" : "\n")
                    .append(at->value().data(), at->value().size());
            auto const nonce = answer["DPoP-Nonce"];
            auto const then =
                api.judge(so_far, *shown, answer.result_int(), challenges, {nonce.data(), nonce.size()});
            if (then == next::done) co_return answer;
            if (then == next::other_token) {
                auto const other = co_await api.tokens_.get();
                if (is_same(*shown, *other)) co_return answer;
                shown = other;
            }
        }
    }

    struct memory;
    token_source tokens_;
    std::shared_ptr<memory> memory_;
};

} // namespace equinix::sts
