#define BOOST_TEST_MODULE equinix_sts
#include <boost/test/unit_test.hpp>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/// What the thread sanitizer cannot see. Asio 1.81 counts the owners of an executor that holds a strand with
/// a fence
/// (`ref_count_down`), which it does not model; OpenSSL counts those of a TLS session, which several
/// connections may resume, in code that is not instrumented. It takes what the last owner destroys for a race
/// with the others.
extern "C" char const* __tsan_default_suppressions() { // NOLINT: the sanitizer's name
    return "race:any_executor_base::shared_target_executor\n"
           "race:OPENSSL_sk_\n";
}
#endif
#endif
