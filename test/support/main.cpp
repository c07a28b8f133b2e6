#define BOOST_TEST_MODULE equinix_sts
#include <boost/test/unit_test.hpp>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/// Asio 1.81 counts the owners of an executor that holds a strand with a fence (`ref_count_down`), which the
/// thread sanitizer does not model: it takes the last owner's destructor for a race with the others' use.
extern "C" char const* __tsan_default_suppressions() { // NOLINT: the sanitizer's name
    return "race:any_executor_base::shared_target_executor\n";
}
#endif
#endif
