// Options and requests made of environment variables: an error names the variable.
#include "support/refused.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/proxy.hpp>
#include <equinix/sts/scope.hpp>
#include <equinix/sts/subject_token.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

namespace sts = equinix::sts;
using test::refused_by;

namespace {

/// Sets a variable for a scope.
class variable {
public:
    variable(char const* name, char const* value) : name_(name) { ::setenv(name, value, 1); }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() { ::unsetenv(name_); }

private:
    char const* name_;
};

std::string option_of_request() {
    return refused_by([] { sts::exchange_request::from_environment(); }).option;
}

} // namespace

BOOST_AUTO_TEST_SUITE(variables)

BOOST_AUTO_TEST_CASE(L25_one_that_cannot_work_is_named_by_the_error) {
    variable const timeout("EQUINIX_API_TIMEOUT", "soon");
    BOOST_TEST(refused_by([] { sts::client_options::from_environment(); }).option == "EQUINIX_API_TIMEOUT");
    variable const endpoint("EQUINIX_STS_ENDPOINT", "http://a.test");
    BOOST_TEST(refused_by([] { sts::client_options::from_environment(); }).option == "EQUINIX_STS_ENDPOINT");
    variable const proxy("https_proxy", "ftp://a.test");
    BOOST_TEST(refused_by([] { sts::proxy::from_environment(sts::endpoint()); }).option == "https_proxy");
}

BOOST_AUTO_TEST_CASE(L25_one_that_is_missing_is_named_by_the_error) {
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN");
    {
        variable const secret("EQUINIX_STS_CLIENT_SECRET", "s");
        BOOST_TEST(option_of_request() == "EQUINIX_STS_CLIENT_ID");
    }
    {
        variable const id("EQUINIX_STS_CLIENT_ID", "i");
        BOOST_TEST(option_of_request() == "EQUINIX_STS_CLIENT_SECRET");
    }
    variable const subject("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", "t");
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SCOPE");
    variable const scope("EQUINIX_TOKEN_EXCHANGE_SCOPE", "a  b");
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SCOPE");
}

BOOST_AUTO_TEST_CASE(L25_an_argument_is_no_option) {
    BOOST_TEST(refused_by([] { sts::scope const made(""); }).option.empty());
    BOOST_TEST(refused_by([] { sts::endpoint const made("http://a.test"); }).option.empty());
    BOOST_TEST(refused_by([] { sts::subject_token const made(""); }).option.empty());
}

BOOST_AUTO_TEST_SUITE_END()
