/// \file
/// The visibility of the symbols of a shared library.
#pragma once

/// Marks the library's public symbols. A shared library hides all others. CMake's target and pkg-config
/// define `EQUINIX_STS_SHARED` for programs that link a shared library.
#ifdef EQUINIX_STS_SHARED
#define EQUINIX_STS_DECL __attribute__((visibility("default")))
#else
#define EQUINIX_STS_DECL
#endif

#include <equinix/sts/abi.hpp> // checks each file that includes a header of the library
