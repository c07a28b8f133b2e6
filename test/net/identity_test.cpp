// Case B23 of doc/faults.md: the rules of RFC 9525 section 6 on a server's identity, one by one.
#include "support/handshake.hpp"

#include <equinix/sts/endpoint.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
using namespace equinix::sts::testing;
using test::certificate_fixture;

namespace {

struct fixture : certificate_fixture {
    /// Refuses the host by a certificate of these names alone.
    void not_by(std::vector<alternative_name> names) {
        leaf.names = std::move(names);
        refused(is_ip_address ? "IP address mismatch" : "hostname mismatch");
    }
    void at_address(std::string address) {
        host = std::move(address);
        is_ip_address = true;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(identity, fixture)

BOOST_AUTO_TEST_CASE(B23_one_name_of_several_is_enough) {
    leaf.names = {email("a@example.test"), ip("192.0.2.1"), dns("a.test"), dns("sts.example.test")};
    accepted();
}

BOOST_AUTO_TEST_CASE(B23_the_common_name_is_no_identity) {
    leaf.common_name = "sts.example.test";
    not_by({});
}

BOOST_AUTO_TEST_CASE(B23_the_common_name_is_no_identity_beside_other_names) {
    leaf.common_name = "sts.example.test";
    not_by({dns("other.example.test")});
    not_by({email("a@example.test")});
    not_by({ip("192.0.2.1")});
}

BOOST_AUTO_TEST_CASE(B23_the_common_name_is_no_address) {
    at_address("127.0.0.1");
    leaf.common_name = "127.0.0.1";
    not_by({});
    not_by({dns("sts.example.test")});
}

BOOST_AUTO_TEST_CASE(B23_a_name_of_another_type_is_no_identity) {
    not_by({email("sts.example.test")});
    not_by({email("a@sts.example.test")});
    not_by({uri("sts.example.test")});
    not_by({uri("https://sts.example.test/")});
    static_assert(sizeof("sts.example.test") - 1 == 16); // as many octets as an IPv6 address has
    not_by({{GEN_IPADD, "sts.example.test"}});
}

BOOST_AUTO_TEST_CASE(B23_the_whole_name_counts) {
    for (auto const* const name : {"example.test", ".example.test", "test", "ts.example.test", "sts.example",
                                   "sts.example.testa", "a.sts.example.test", "sts-example.test", "", "."})
        not_by({dns(name)});
}

BOOST_AUTO_TEST_CASE(B23_a_name_does_not_end_at_a_nul) {
    using namespace std::string_literals;
    not_by({dns("sts.example.test\0"s)});
    not_by({dns("sts.example.test\0.attacker.test"s)});
    not_by({dns("\0sts.example.test"s)});
}

BOOST_AUTO_TEST_CASE(B23_white_space_and_several_names_in_one_are_no_identity) {
    not_by({dns(" sts.example.test")});
    not_by({dns("sts.example.test ")});
    not_by({dns("other.test,sts.example.test")});
    not_by({dns("other.test, DNS:sts.example.test")});
}

BOOST_AUTO_TEST_CASE(B23_only_ascii_letters_have_two_cases) {
    host = "kts.example.test";
    leaf.names = {dns("KTS.example.test")};
    accepted();
    not_by({dns("\xe2\x84\xaats.example.test")}); // the Kelvin sign, whose lower case is k
    not_by({dns("kts\x0e"
                "example.test")}); // a dot but for the bit of the case
}

BOOST_AUTO_TEST_CASE(B23_a_wildcard_is_the_whole_leftmost_label) {
    for (auto const* const name :
         {"s*.example.test", "*s.example.test", "s*s.example.test", "st?.example.test", "**.example.test",
          "*sts.example.test", "sts*.example.test", "*.*.test", "sts.*.test", "sts.example.*", "*.*.*",
          "[a-z]ts.example.test", "*..example.test", ".*.example.test"})
        not_by({dns(name)});
}

BOOST_AUTO_TEST_CASE(B23_a_wildcard_is_no_part_of_an_a_label) {
    host = "xn--bcher-kva.example.test";
    not_by({dns("xn--*.example.test")});
    not_by({dns("xn--*-kva.example.test")});
}

BOOST_AUTO_TEST_CASE(B23_a_wildcard_of_an_address_or_of_a_uri_is_no_identity) {
    not_by({uri("https://*.example.test")});
    not_by({email("*.example.test")});
    at_address("192.0.2.1");
    for (auto const* const name : {"*.0.2.1", "192.0.2.*", "*"})
        not_by({dns(name)});
}

BOOST_AUTO_TEST_CASE(B23_all_octets_of_an_address_count) {
    at_address("192.0.2.1");
    not_by({ip("192.0.2.2")});
    not_by({ip("::ffff:192.0.2.1")});
    not_by({ip("::c000:201")});
    not_by({{GEN_IPADD, std::string("\xc0\x00\x02", 3)}});
    not_by({{GEN_IPADD, std::string("\xc0\x00\x02\x01\xff\xff\xff\xff", 8)}}); // with a mask
    not_by({{GEN_IPADD, "192.0.2.1"}});
    at_address("2001:db8::1");
    not_by({ip("2001:db8::2")});
    not_by({{GEN_IPADD, std::string("\x20\x01\x0d\xb8", 4)}});
}

BOOST_AUTO_TEST_CASE(B23_an_address_in_text_is_no_identity) {
    at_address("192.0.2.1");
    not_by({dns("192.0.2.1")});
    not_by({uri("192.0.2.1")});
    not_by({uri("https://192.0.2.1/")});
    at_address("2001:db8::1");
    not_by({dns("2001:db8::1")});
    not_by({dns("[2001:db8::1]")});
}

BOOST_AUTO_TEST_CASE(B23_a_name_is_not_accepted_by_the_address_that_was_reached) {
    not_by({ip("127.0.0.1")});
}

// OpenSSL would take a host that begins with a dot for "any host below".
BOOST_AUTO_TEST_CASE(B23_a_host_that_is_a_pattern_is_refused_before_anything_is_sent) {
    for (auto const* const url : {"https://.example.test", "https://*.example.test", "https://sts..test"})
        BOOST_TEST(!test::refusal([url] { sts::endpoint const made(url); }).empty(), url);
}

BOOST_AUTO_TEST_CASE(B23_a_second_list_of_names_is_refused) {
    leaf.more = {{"subjectAltName", "DNS:sts.example.test"}};
    leaf.names = {dns("other.example.test")};
    BOOST_TEST((connect().step == test::net::io_step::failed));
    leaf.names = {dns("sts.example.test")};
    BOOST_TEST((connect().step == test::net::io_step::failed));
}

BOOST_AUTO_TEST_SUITE_END()
