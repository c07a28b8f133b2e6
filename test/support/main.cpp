#include "support/skipped.hpp"

#define BOOST_TEST_NO_MAIN
#include <boost/test/unit_test.hpp>

bool test::any_skipped = false;

int main(int count, char** words) {
    auto const begin = [] {
        boost::unit_test::framework::master_test_suite().p_name.value = "equinix_sts";
        return true;
    };
    auto const code = boost::unit_test::unit_test_main(begin, count, words);
    return code == 0 && test::any_skipped ? test::exit_code_of_skipped : code;
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/// What the thread sanitizer cannot see: Asio 1.81 counts the owners of an executor that holds a strand with
/// a fence (`ref_count_down`), which it does not model. It takes what the last owner destroys for a race with
/// the others.
extern "C" char const* __tsan_default_suppressions() { // NOLINT: the sanitizer's name
    return "race:any_executor_base::shared_target_executor\n";
}
#endif
#endif
