/// \file
/// The version of this library. The `User-Agent` header contains it too.
#pragma once

/// The major version, for incompatible changes; see doc/stability.md.
#define EQUINIX_STS_VERSION_MAJOR 0
/// The minor version, for additions; before 1.0 also for incompatible changes.
#define EQUINIX_STS_VERSION_MINOR 9
/// The patch version, for corrections.
#define EQUINIX_STS_VERSION_PATCH 0
/// The whole version, with dots.
#define EQUINIX_STS_VERSION "0.9.0"
