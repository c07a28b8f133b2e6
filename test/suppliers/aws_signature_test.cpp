// Signature Version 4 of AWS, by the vectors that AWS has published for it.
#include "suppliers/aws_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace equinix::sts::suppliers_detail;
namespace sts = equinix::sts;

namespace {

aws_credentials example_key() {
    aws_credentials key;
    key.access_key_id = "AKIDEXAMPLE";
    key.secret_access_key = sts::secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return key;
}

constexpr auto at = std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + std::chrono::hours(12) +
                    std::chrono::minutes(36);

aws_request example_form(char const* content_type) {
    aws_request what;
    what.host = "example.amazonaws.com";
    what.region = "us-east-1";
    what.service = "service";
    what.content_type = content_type;
    what.body = "Param1=value1";
    return what;
}

std::string field(std::vector<sts::core::secret_header> const& fields, std::string_view name) {
    auto const found =
        std::find_if(fields.begin(), fields.end(), [&](auto const& one) { return one.first == name; });
    return found == fields.end() ? std::string() : std::string(found->second.reveal());
}

} // namespace

BOOST_AUTO_TEST_SUITE(aws_signatures)

BOOST_AUTO_TEST_CASE(are_those_of_the_published_vectors) {
    auto fields = aws_signature(example_key(), example_form("application/x-www-form-urlencoded"), at);
    BOOST_TEST(fields.size() == 2U);
    BOOST_TEST(field(fields, "X-Amz-Date") == "20150830T123600Z");
    BOOST_TEST(field(fields, "Authorization") ==
               "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
               "SignedHeaders=content-type;host;x-amz-date, "
               "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
    fields =
        aws_signature(example_key(), example_form("application/x-www-form-urlencoded; charset=utf8"), at);
    BOOST_TEST(field(fields, "Authorization")
                   .ends_with("Signature=1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"));
}

BOOST_AUTO_TEST_CASE(cover_the_token_of_temporary_keys) {
    auto key = example_key();
    key.session_token = sts::secret("a-session");
    auto const first = aws_signature(key, example_form("application/x-www-form-urlencoded"), at);
    BOOST_TEST(field(first, "X-Amz-Security-Token") == "a-session");
    BOOST_TEST(field(first, "Authorization")
                   .find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,") !=
               std::string::npos);
    key.session_token = sts::secret("another");
    auto const second = aws_signature(key, example_form("application/x-www-form-urlencoded"), at);
    BOOST_TEST(field(first, "Authorization") != field(second, "Authorization"));
}

BOOST_AUTO_TEST_CASE(cover_each_part_of_the_request) {
    auto const signature = [](aws_request const& what, std::chrono::sys_seconds when) {
        return field(aws_signature(example_key(), what, when), "Authorization");
    };
    auto const form = example_form("application/x-www-form-urlencoded");
    auto const one = signature(form, at);
    BOOST_TEST(one == signature(form, at));
    BOOST_TEST(one != signature(form, at + std::chrono::seconds(1)));
    for (auto const member : {&aws_request::host, &aws_request::region, &aws_request::service,
                              &aws_request::content_type, &aws_request::body}) {
        auto other = form;
        other.*member = "other";
        BOOST_TEST(one != signature(other, at));
    }
}

BOOST_AUTO_TEST_SUITE_END()
