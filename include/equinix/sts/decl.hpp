/// \file
/// What every header of the library needs: a compiler that is new enough, and the visibility of the symbols
/// of a shared library.
#pragma once

// Here, so that an old compiler reports this first.
#if !defined(__cpp_impl_coroutine) || (defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 12) ||         \
    (defined(__clang_major__) && __clang_major__ < 16)
#error "equinix-sts needs C++20 with coroutines: g++ 12 or clang 16 or newer, and -std=c++20"
#endif

/// Marks the library's public symbols. A shared library hides all others. CMake's target and pkg-config
/// define `EQUINIX_STS_SHARED` for programs that link a shared library.
#ifdef EQUINIX_STS_SHARED
#define EQUINIX_STS_DECL __attribute__((visibility("default")))
#else
#define EQUINIX_STS_DECL
#endif

#include <equinix/sts/abi.hpp> // checks each file that includes a header of the library
