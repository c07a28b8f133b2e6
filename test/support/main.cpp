#define BOOST_TEST_MODULE equinix_sts
#include <boost/test/unit_test.hpp>
