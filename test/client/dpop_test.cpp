// Tokens that are bound to a key, and clients that sign assertions, against a service that verifies both
// (sections N and O of doc/faults.md).
#include "base/base64.hpp"
#include "base/jwt.hpp"
#include "support/front.hpp"
#include "support/process.hpp"
#include "support/service.hpp"
#include "testing/claims.hpp"
#include "testing/jwt.hpp"

#include <equinix/sts/testing/proof_verifier.hpp>
#include <equinix/sts/token_cache.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::dpop_binding;
using sts::error_kind;
using sts::signing_algorithm;
using sts::signing_key;
using sts::testing::mock_answer;
using sts::testing::nonce_rule;
using sts::testing::text_in;

namespace {

signing_key const client_key = signing_key::generate();

sts::testing::mock_options with(nonce_rule nonces, unsigned status = 400) {
    sts::testing::mock_options made;
    made.proofs.nonces = nonces;
    made.nonce_status = status;
    made.client_jwk = client_key.public_jwk();
    return made;
}

using started_ones = std::vector<std::unique_ptr<started>>;

struct bound : service {
    explicit bound(sts::testing::mock_options const& setup = with(nonce_rule::none)) : service(setup) {}

    sts::exchange_request proved(dpop_binding binding = dpop_binding::preferred) const {
        return request().proof(key, binding);
    }
    /// Begins as many exchanges.
    started_ones begin(sts::client const& by, int count, sts::exchange_request const& asked) {
        started_ones all;
        for (int i = 0; i < count; ++i)
            all.push_back(std::make_unique<started>(context, by, asked));
        return all;
    }
    /// The value of a header field in each request that the mock has received.
    std::vector<std::string> sent(std::string const& name) const {
        std::vector<std::string> all;
        for (auto const& one : mock.raw_requests()) {
            auto lower = one;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            auto const at = lower.find("\r\n" + name + ": ");
            if (at == std::string::npos) continue;
            auto const from = at + name.size() + 4;
            all.push_back(one.substr(from, one.find("\r\n", from) - from));
        }
        return all;
    }
    std::vector<std::string> identifiers() const {
        std::vector<std::string> all;
        for (auto const& one : sent("dpop"))
            all.push_back(text_in(sts::testing::parse_jwt(one)->claims, "jti"));
        return all;
    }
    std::string nonce_of(std::size_t request) const {
        return text_in(sts::testing::parse_jwt(sent("dpop").at(request))->claims, "nonce");
    }

    signing_key key = signing_key::generate();
};

struct bound_with_nonce : bound {
    bound_with_nonce() : bound(with(nonce_rule::lasting)) {}
};
struct bound_by_challenge : bound {
    bound_by_challenge() : bound(with(nonce_rule::lasting, 401)) {}
};
struct bound_with_new_nonces : bound {
    bound_with_new_nonces() : bound(with(nonce_rule::each)) {}
};

/// One RSA key with each of its algorithms.
std::pair<signing_key, signing_key> made_rsa() {
    folder const in;
    auto const path = in.file("rsa.pem", "");
    BOOST_REQUIRE(shell("openssl genpkey -algorithm RSA -out " + path + " 2>&1").exit_code == 0);
    return {signing_key::from_file(path), signing_key::from_file(path, {}, signing_algorithm::ps256)};
}

bool all_differ(std::vector<std::string> const& all) {
    return std::set<std::string>(all.begin(), all.end()).size() == all.size();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(dpop, bound)

BOOST_AUTO_TEST_CASE(a_proof_binds_the_token_to_its_key) {
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved());
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "DPoP");
    BOOST_TEST((got->proof_key() == key));
    BOOST_TEST(got->authorization().reveal().starts_with("DPoP "));
    auto const claims = boost::json::parse(*mock.claims(got->access_token.reveal())).as_object();
    BOOST_TEST(text_in(claims.at("cnf").as_object(), "jkt") == key.thumbprint());
}

BOOST_AUTO_TEST_CASE(each_algorithm_is_accepted_by_the_service) {
    auto const sts_client = client();
    for (auto const algorithm :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512,
          signing_algorithm::eddsa, signing_algorithm::rs256, signing_algorithm::ps256}) {
        auto const got = exchange(sts_client, request().proof(signing_key::generate(algorithm)));
        BOOST_TEST(got.has_value(), to_string(algorithm));
        BOOST_TEST(got->token_type == "DPoP");
    }
}

BOOST_AUTO_TEST_CASE(a_token_serves_an_api_that_verifies) {
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved());
    BOOST_REQUIRE(got.has_value());
    sts::testing::proof_rules rules;
    rules.nonces = nonce_rule::each;
    sts::testing::proof_verifier api(rules);
    std::string nonce;
    int calls = 0;
    for (bool again = true; again && calls < 3; ++calls) {
        auto const proof = got->proof("GET", "https://api.test/ports?page=1", nonce);
        auto const verdict =
            api.check("GET", "https://api.test/ports?page=1", proof, got->access_token.reveal());
        again = verdict.wants_nonce;
        nonce = sts::dpop_nonce(verdict.nonce).value_or("");
        if (!again) BOOST_TEST(verdict.refusal == "");
    }
    BOOST_TEST(calls == 2);
    sts::token other;
    other.bind(signing_key::generate());
    other.set_access_token(got->access_token.reveal());
    auto const stolen = api.check("GET", "https://api.test/", other.proof("GET", "https://api.test/", nonce),
                                  got->access_token.reveal());
    BOOST_TEST(stolen.refusal.find("not bound") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_is_sent_at_once_and_kept, bound_with_nonce) {
    auto const sts_client = client(one_attempt());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 4U);
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(sts_client.stats().retries == 0U);
    BOOST_TEST(nonce_of(0) == "");
    BOOST_TEST(nonce_of(1) != "");
    BOOST_TEST(nonce_of(3) == nonce_of(1));
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_FIXTURE_TEST_CASE(N4_a_challenge_alone_asks_for_a_nonce_too, bound_by_challenge) {
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_that_changes_with_each_answer_is_followed, bound_with_new_nonces) {
    auto const sts_client = client(one_attempt());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_FIXTURE_TEST_CASE(N4_many_at_a_time_get_through_with_a_nonce_for_each, bound_with_new_nonces) {
    auto const sts_client = client();
    auto const all = begin(sts_client, 8, proved());
    std::size_t good = 0;
    for (auto const& one : all)
        good += one->wait().has_value() ? 1 : 0;
    BOOST_TEST(good == all.size());
}

BOOST_AUTO_TEST_CASE(N5_a_service_that_never_accepts_a_nonce_is_asked_four_times) {
    for (int i = 0; i < 9; ++i)
        mock.next(mock_answer::error(400, "use_dpop_nonce").header("DPoP-Nonce", "n" + std::to_string(i)));
    auto const info = [&] {
        auto const sts_client = client(one_attempt());
        return exchange(sts_client, proved()).error();
    }();
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.oauth_error == "use_dpop_nonce");
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(N5_a_service_that_asks_for_the_same_nonce_again_is_not_asked_again) {
    mock.always(mock_answer::error(400, "use_dpop_nonce").header("DPoP-Nonce", "same"));
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client, proved()).error().oauth_error == "use_dpop_nonce");
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(N6_an_ill_formed_nonce_is_an_error_of_the_protocol) {
    auto const sts_client = client(one_attempt());
    for (auto const& answer : {mock_answer::genuine().header("DPoP-Nonce", "a b"),
                               mock_answer::genuine().header("DPoP-Nonce", "a").header("DPoP-Nonce", "b")}) {
        mock.next(answer);
        BOOST_TEST(exchange(sts_client, proved()).error().kind == error_kind::protocol);
        mock.next(answer);
        BOOST_TEST(exchange(sts_client).has_value()); // without a proof it means nothing
    }
}

BOOST_AUTO_TEST_CASE(N7_a_bound_token_without_a_proof_is_refused) {
    mock.next(mock_answer::with(200,
                                R"({"access_token":"t","token_type":"DPoP","expires_in":3600,)"
                                R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const info = failure(client(one_attempt()));
    BOOST_TEST(info.kind == error_kind::malformed);
    BOOST_TEST(info.message.find("proof()") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N8_a_bearer_token_is_taken_as_what_it_is_unless_binding_is_required) {
    bound unbinding([] {
        auto made = with(nonce_rule::none);
        made.binds_tokens = false;
        return made;
    }());
    auto const sts_client = unbinding.client();
    auto const got = unbinding.exchange(sts_client, unbinding.proved());
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "Bearer");
    BOOST_TEST(!got->proof_key());
    BOOST_TEST(got->authorization().reveal().starts_with("Bearer "));
    auto const refused = unbinding.exchange(sts_client, unbinding.proved(dpop_binding::required));
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().kind == error_kind::malformed);
    BOOST_TEST(refused.error().message.find("dpop_binding::required") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N9_each_sending_has_a_proof_of_its_own) {
    auto retrying = options();
    retrying.retry.base_delay = 1ns;
    auto const sts_client = client(retrying);
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::genuine().cut_after(0));
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    mock.next(mock_answer::genuine().close_after(0)); // on a reused connection
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(identifiers().size() == 5U);
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_AUTO_TEST_CASE(N10_a_refused_proof_is_final) {
    mock.next(mock_answer::error(400, "invalid_dpop_proof", "the clock is wrong"));
    auto const sts_client = client();
    auto const info = exchange(sts_client, proved()).error();
    BOOST_TEST(info.oauth_error == "invalid_dpop_proof");
    BOOST_TEST(info.help() == "troubleshooting.md#invalid_dpop_proof");
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(N10_a_clock_that_is_off_is_named_as_the_likely_cause) {
    auto const refusal = mock_answer::error(400, "invalid_dpop_proof");
    auto const sts_client = client(one_attempt());
    mock.next(mock_answer(refusal).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    BOOST_TEST(failure(sts_client, proved()).message.find("s ahead of the server's") != std::string::npos);
    mock.next(refusal);
    BOOST_TEST(failure(sts_client, proved()).message.find("clock") == std::string::npos);
    mock.next(mock_answer(refusal).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    BOOST_TEST(failure(sts_client).message.find("clock") == std::string::npos); // nothing was signed
}

BOOST_AUTO_TEST_CASE(N12_the_key_is_part_of_a_caches_key) {
    sts::token_cache const tokens(client());
    auto const plain = request();
    auto const proved = [&](signing_key const& by, dpop_binding binding = dpop_binding::preferred) {
        return tokens.key_of(sts::exchange_request(plain).proof(by, binding));
    };
    auto const with_key = proved(key);
    BOOST_TEST((proved(key) == with_key));
    BOOST_TEST((proved(signing_key::generate()) != with_key));
    BOOST_TEST((proved(key, dpop_binding::required) != with_key));
    auto const rsa = made_rsa();
    BOOST_TEST((proved(rsa.first) != proved(rsa.second)));
    BOOST_TEST((tokens.key_of(plain) != with_key));
}

BOOST_AUTO_TEST_CASE(a_client_authenticates_by_signed_assertions) {
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    auto const sts_client = client();
    auto const asked = sts::exchange_request::client_credentials().scope(sts::scope("s")).authentication(how);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, asked).has_value());
    auto const stranger = sts::exchange_request(asked).authentication(
        sts::client_authentication::private_key_jwt("mock-client", signing_key::generate()));
    BOOST_TEST(exchange(sts_client, stranger).error().oauth_error == "invalid_client");
}

BOOST_AUTO_TEST_CASE(an_assertion_and_a_proof_go_together) {
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved().authentication(how));
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "DPoP");
}

BOOST_AUTO_TEST_CASE(O9_each_attempt_has_an_assertion_of_its_own) {
    auto retrying = options();
    retrying.retry.base_delay = 1ns;
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    mock.next(mock_answer::error(503, ""));
    auto const sts_client = client(retrying);
    BOOST_TEST(exchange(sts_client, request().authentication(how)).has_value());
    std::vector<std::string> assertions;
    for (auto const& one : mock.raw_requests())
        assertions.push_back(one.substr(one.find("client_assertion=")));
    BOOST_TEST(assertions.size() == 2U);
    BOOST_TEST(all_differ(assertions));
}

BOOST_AUTO_TEST_CASE(O8_a_slow_key_signs_on_another_thread_and_the_wait_can_be_cancelled) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    auto const sts_client = client();
    auto const all = begin(sts_client, 50, request().proof(slow));
    context.restart();
    context.poll(); // they have begun
    for (std::size_t i = 0; i < all.size(); i += 2)
        all[i]->cancel();
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const canceled = i % 2 == 0 && all[i]->canceled();
        tokens += !canceled && all[i]->wait().has_value() ? 1 : 0;
    }
    BOOST_TEST(tokens >= 25U);
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_AUTO_TEST_CASE(N9_a_replaced_connection_is_counted_whatever_the_key) {
    for (auto const algorithm : {signing_algorithm::es256, signing_algorithm::rs256}) {
        auto const sts_client = client(one_attempt());
        auto const asked = request().proof(signing_key::generate(algorithm));
        BOOST_TEST(exchange(sts_client, asked).has_value());
        mock.next(mock_answer::genuine().cut_after(0)); // on a reused connection
        BOOST_TEST(exchange(sts_client, asked).has_value());
        BOOST_TEST(sts_client.stats().replaced == 1U);
        for (auto const& one : sts_client.stats().addresses)
            BOOST_TEST((one.address != "127.0.0.1" || one.failures == 0)); // nothing listens at others
    }
}

BOOST_AUTO_TEST_CASE(O8_closing_ends_the_wait_for_signatures) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    auto const sts_client = client();
    auto const all = begin(sts_client, 20, request().proof(slow));
    context.restart();
    context.poll();
    sts_client.close();
    for (auto const& one : all)
        BOOST_TEST(one->canceled());
}

BOOST_AUTO_TEST_CASE(O8_the_context_may_go_while_signatures_are_made) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    std::optional<sts::client> kept;
    {
        asio::io_context other;
        kept.emplace(other.get_executor(), options());
        for (int i = 0; i < 20; ++i)
            asio::co_spawn(other, kept->try_exchange(request().proof(slow)), asio::detached);
        other.poll();
    }
    BOOST_TEST(kept->stats().open == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
