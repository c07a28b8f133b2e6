/// \file
/// What a shared library shows of itself.
#pragma once

/// Stands before what is part of the library's interface. A shared library hides all else; CMake's target and
/// pkg-config define `EQUINIX_STS_SHARED` for whoever links it.
#ifdef EQUINIX_STS_SHARED
#define EQUINIX_STS_DECL __attribute__((visibility("default")))
#else
#define EQUINIX_STS_DECL
#endif

#include <equinix/sts/abi.hpp> // each file that includes a header of the library is held against it
