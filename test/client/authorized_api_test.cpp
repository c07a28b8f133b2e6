// Calls of an API that add the token, and are repeated when it was refused.
#include "base/jwt.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/authorized_api.hpp>
#include <equinix/sts/testing/proof_verifier.hpp>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <deque>

using namespace test;
namespace http = boost::beast::http;

namespace {

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

constexpr char url[] = "https://api.example.com/orders?limit=2";

struct fixture {
    asio::io_context context;
    std::deque<response> answers; ///< those that are to come, before 200
    std::vector<request> calls;
    int tokens_made = 0;
    std::optional<sts::signing_key> key;
    sts::token_source tokens = sts::token_source(context.get_executor(), [this] { return make(); });
    sts::authorized_api api = sts::authorized_api(tokens);

    asio::awaitable<sts::token> make() {
        sts::token made;
        if (key) made.bind(*key);
        made.set_access_token("t" + std::to_string(++tokens_made));
        made.expires_in = std::chrono::hours(1);
        co_return made;
    }
    asio::awaitable<response> send(request const& sent) {
        calls.push_back(sent);
        response next(http::status::ok, 11);
        if (!answers.empty()) {
            next = answers.front();
            answers.pop_front();
        }
        co_return next;
    }
    void answer(unsigned status, std::vector<std::pair<char const*, std::string>> const& fields = {}) {
        response made(http::int_to_status(status), 11);
        for (auto const& [name, value] : fields)
            made.insert(name, value);
        answers.push_back(std::move(made));
    }
    unsigned call(http::verb method = http::verb::get) {
        request asked(method, "/orders?limit=2", 11);
        unsigned status = 0;
        bool ended = false;
        std::exception_ptr thrown;
        auto const by = [this](request const& sent) { return send(sent); };
        asio::co_spawn(context, api.send(url, asked, by), [&](std::exception_ptr what, response got) {
            thrown = what;
            status = got.result_int();
            ended = true;
        });
        run_until(context, [&] { return ended; });
        if (thrown) std::rethrow_exception(thrown);
        return status;
    }
    std::string shown(std::size_t call) const { return std::string(calls.at(call)["Authorization"]); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(authorized_api, fixture)

BOOST_AUTO_TEST_CASE(a_call_shows_the_token) {
    BOOST_TEST(call() == 200U);
    BOOST_TEST(call(http::verb::post) == 200U);
    BOOST_REQUIRE(calls.size() == 2U);
    BOOST_TEST(shown(0) == "Bearer t1");
    BOOST_TEST(shown(1) == "Bearer t1");
    BOOST_TEST((calls[1].method() == http::verb::post));
    BOOST_TEST((calls[0].find("DPoP") == calls[0].end()));
}

BOOST_AUTO_TEST_CASE(a_token_that_was_refused_is_replaced_once) {
    answer(401, {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}});
    BOOST_TEST(call() == 200U);
    BOOST_TEST(shown(0) == "Bearer t1");
    BOOST_TEST(shown(1) == "Bearer t2");
    BOOST_TEST(calls.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_second_refusal_in_a_call_is_the_callers) {
    answer(401);
    answer(401);
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 2U);
    BOOST_TEST(shown(1) == "Bearer t2");
}

BOOST_AUTO_TEST_CASE(a_young_token_that_was_refused_again_is_not_replaced) { // J9
    answer(401);
    BOOST_TEST(call() == 200U);
    answer(401);
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 3U);
    BOOST_TEST(tokens_made == 2);
}

BOOST_AUTO_TEST_CASE(a_call_is_not_repeated_with_the_same_token) {
    sts::token same;
    same.set_access_token("abc");
    tokens = sts::token_source::fixed(context.get_executor(), same);
    api = sts::authorized_api(tokens);
    answer(401);
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 1U);
}

BOOST_AUTO_TEST_CASE(other_answers_are_the_callers) {
    for (unsigned const status : {400U, 403U, 404U, 429U, 500U, 503U}) {
        answer(status);
        BOOST_TEST(call() == status);
    }
    BOOST_TEST(tokens_made == 1);
    BOOST_TEST(calls.size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_bound_token_has_a_proof_for_each_call) {
    key.emplace(sts::signing_key::generate());
    sts::testing::proof_verifier verifier(sts::testing::nonce_rule::none);
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(call(http::verb::post) == 200U);
        auto const& sent = calls.back();
        BOOST_TEST(shown(calls.size() - 1) == "DPoP t1");
        BOOST_TEST(verifier.check("POST", url, std::string(sent["DPoP"]), "t1").refusal == "");
    }
}

BOOST_AUTO_TEST_CASE(a_nonce_that_the_api_wants_is_in_the_repeated_call_and_in_the_next) {
    key.emplace(sts::signing_key::generate());
    answer(401, {{"WWW-Authenticate", "Basic realm=\"x\""},
                 {"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""},
                 {"DPoP-Nonce", "n1"}});
    BOOST_TEST(call() == 200U);
    answer(200, {{"DPoP-Nonce", "n2"}});
    BOOST_TEST(call() == 200U);
    BOOST_TEST(call() == 200U);
    BOOST_TEST(tokens_made == 1); // nothing was wrong with the token
    auto const nonce = [&](std::size_t at) {
        auto const proof = std::string(calls.at(at)["DPoP"]);
        auto const claims = sts::base::jwt_object(sts::base::split_jwt(proof).value().payload).value();
        return claims.contains("nonce") ? std::string(claims.at("nonce").as_string()) : "";
    };
    BOOST_TEST(nonce(0) == "");
    BOOST_TEST(nonce(1) == "n1");
    BOOST_TEST(nonce(2) == "n1");
    BOOST_TEST(nonce(3) == "n2");
}

BOOST_AUTO_TEST_CASE(a_nonce_that_is_wanted_again_and_again_is_sent_once) {
    key.emplace(sts::signing_key::generate());
    for (int i = 0; i < 3; ++i)
        answer(401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}, {"DPoP-Nonce", "n1"}});
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 2U);
    answers.clear();
    answer(401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}}); // without a nonce
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_nonce_and_another_token_may_both_be_needed) {
    key.emplace(sts::signing_key::generate());
    answer(401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}, {"DPoP-Nonce", "n1"}});
    answer(401, {{"WWW-Authenticate", "DPoP error=\"invalid_token\""}});
    BOOST_TEST(call() == 200U);
    BOOST_TEST(shown(2) == "DPoP t2");
}

BOOST_AUTO_TEST_CASE(a_proof_that_was_refused_costs_no_token) {
    key.emplace(sts::signing_key::generate());
    answer(401, {{"WWW-Authenticate", "DPoP error=\"invalid_dpop_proof\""}});
    BOOST_TEST(call() == 401U);
    BOOST_TEST(calls.size() == 1U);
    BOOST_TEST(call() == 200U);
    BOOST_TEST(tokens_made == 1);
}

BOOST_AUTO_TEST_CASE(what_sending_throws_is_the_callers) {
    auto const fails = [](request const&) -> asio::awaitable<response> {
        throw boost::system::system_error(asio::error::connection_reset);
        co_return response();
    };
    std::exception_ptr thrown;
    asio::co_spawn(context, api.send(url, request(http::verb::get, "/", 11), fails),
                   [&](std::exception_ptr what, response const&) { thrown = what; });
    run_until(context, [&] { return thrown != nullptr; });
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_THROW(std::rethrow_exception(thrown), boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
