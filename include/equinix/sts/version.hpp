/// \file
/// The version of this library, as it is also sent in the `User-Agent` header.
#pragma once

/// Incompatible changes; see doc/stability.md.
#define EQUINIX_STS_VERSION_MAJOR 0
/// Additions; before 1.0 incompatible changes too.
#define EQUINIX_STS_VERSION_MINOR 9
/// Corrections.
#define EQUINIX_STS_VERSION_PATCH 0
/// The three with dots between.
#define EQUINIX_STS_VERSION "0.9.0"
