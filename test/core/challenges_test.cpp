// What is read of a 407 (I5 of doc/faults.md).
#include "core/challenges.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <vector>

namespace core = equinix::sts::core;

namespace {

/// As in `Basic(x) NTLM`.
std::string read(std::string_view lines) {
    std::string all;
    for (auto const& one : core::read_challenges(lines)) {
        all += (all.empty() ? "" : " ") + std::string(one.scheme);
        if (one.realm) all += "(" + *one.realm + ")";
    }
    return all;
}

std::string wanted(std::string_view lines, bool given = false) {
    return core::wanted_credentials(lines, given, {});
}

} // namespace

BOOST_AUTO_TEST_SUITE(challenges)

BOOST_AUTO_TEST_CASE(are_a_scheme_and_its_realm) {
    BOOST_TEST(read("Basic realm=\"a realm\"\n") == "Basic(a realm)");
    BOOST_TEST(read("basic REALM = x, charset=\"UTF-8\"") == "basic(x)");
    BOOST_TEST(read("Basic\n") == "Basic");
    BOOST_TEST(read("Basic charset=UTF-8,realm=\"\"") == "Basic()");
    BOOST_TEST(read("Basic realm=\"one\", realm=\"two\"") == "Basic(one)");
    BOOST_TEST(read(R"(Basic realm="a \"b\" \\ c")") == R"(Basic(a "b" \ c))");
}

BOOST_AUTO_TEST_CASE(are_told_apart_in_one_line_and_in_several) {
    BOOST_TEST(read("Negotiate, NTLM, Basic realm=\"x\"") == "Negotiate NTLM Basic(x)");
    BOOST_TEST(read("Negotiate\nNTLM\nBasic realm=\"x\"\n") == "Negotiate NTLM Basic(x)");
    BOOST_TEST(read("Digest realm=\"d, Basic realm=e\", nonce=\"n=,\", qop=\"auth\", Basic realm=\"b\"") ==
               "Digest(d, Basic realm=e) Basic(b)");
    BOOST_TEST(read(", ,Basic , ,\tNTLM,") == "Basic NTLM");
}

BOOST_AUTO_TEST_CASE(may_bring_credentials_in_place_of_parameters) {
    BOOST_TEST(read("Negotiate YIIJ+/a-._~b==, Basic realm=x") == "Negotiate Basic(x)");
    BOOST_TEST(read("NTLM TlRMTVNTUAAC") == "NTLM");
    BOOST_TEST(read("Negotiate YII= ,NTLM") == "Negotiate NTLM");
}

BOOST_AUTO_TEST_CASE(that_are_ill_formed_spoil_no_line_but_their_own) {
    BOOST_TEST(read("") == "");
    BOOST_TEST(read("\n\n") == "");
    BOOST_TEST(read("\"Basic\"") == "");
    BOOST_TEST(read("realm=x, Basic") == "");
    BOOST_TEST(read("Digest realm=\"never ends\nBasic realm=x") == "Digest(never ends) Basic(x)");
    BOOST_TEST(read("Basic realm=\"\\") == "Basic()");
    BOOST_TEST(read("Basic realm=@x\nNTLM") == "Basic() NTLM");
    BOOST_TEST(read("Negotiate (\nNTLM") == "Negotiate NTLM");
}

BOOST_AUTO_TEST_CASE(are_read_up_to_a_bound) {
    std::string many;
    for (int i = 0; i < 5000; ++i)
        many += "A" + std::to_string(i) + ",";
    BOOST_TEST(core::read_challenges(many).size() == 8U);
}

BOOST_AUTO_TEST_CASE(I5_tell_what_to_do) {
    BOOST_TEST(wanted("Basic realm=\"x\"") ==
               "the proxy requires credentials (Basic, realm \"x\"): set user and password in its URL");
    BOOST_TEST(wanted("Negotiate\nBasic realm=x") ==
               "the proxy requires credentials (Negotiate; Basic, realm \"x\"): set user and password in its "
               "URL");
    BOOST_TEST(wanted("basic", true) ==
               "the proxy refused the credentials that were sent (it accepts basic): correct them");
    BOOST_TEST(wanted("") == "the proxy requires credentials: set user and password in its URL");
    BOOST_TEST(wanted("", true) == "the proxy refused the credentials that were sent: correct them");
}

BOOST_AUTO_TEST_CASE(I6_tell_what_cannot_be_given) {
    BOOST_TEST(wanted("Negotiate, NTLM, Digest realm=\"d\"") ==
               "the proxy requires credentials (Negotiate; NTLM; Digest, realm \"d\"), none of which this "
               "client supports: it supports only Basic");
    BOOST_TEST(wanted("Negotiate", true) ==
               "the proxy refused the credentials that were sent (it accepts Negotiate), none of which this "
               "client supports: it supports only Basic");
}

BOOST_AUTO_TEST_CASE(I5_show_a_strangers_words_escaped_cut_and_without_our_secrets) {
    std::array<std::string_view, 2> const secrets{"canary", "a longer secret"};
    auto const text =
        core::wanted_credentials("Basic realm=\"canary, longer secret\x1b[31m\r\"", true, secrets);
    BOOST_TEST(text == "the proxy refused the credentials that were sent (it accepts Basic, realm "
                       "\"[redacted],[redacted]\\x1b[31m\\x0d\"): correct them");
    auto const tall = wanted(std::string(200, 'S') + " realm=\"" + std::string(1000, 'r') + "\"");
    BOOST_TEST(tall.size() < 250U, tall);
    BOOST_TEST(tall.find("rrr...\"") != std::string::npos, tall);
}

BOOST_AUTO_TEST_SUITE_END()
