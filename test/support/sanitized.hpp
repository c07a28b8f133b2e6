// Whether a sanitizer watches this program, whose own memory and slowness are then not the library's.
#pragma once

#define TEST_ASAN 0
#define TEST_TSAN 0
#if defined(__has_feature) // clang
#if __has_feature(address_sanitizer)
#undef TEST_ASAN
#define TEST_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#undef TEST_TSAN
#define TEST_TSAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__) // g++
#undef TEST_ASAN
#define TEST_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#undef TEST_TSAN
#define TEST_TSAN 1
#endif

#define TEST_SANITIZED (TEST_ASAN || TEST_TSAN)
