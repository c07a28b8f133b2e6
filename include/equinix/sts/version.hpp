/// \file
/// The version of this library, as it is also sent in the `User-Agent` header.
#pragma once

#define EQUINIX_STS_VERSION_MAJOR 0
#define EQUINIX_STS_VERSION_MINOR 9
#define EQUINIX_STS_VERSION_PATCH 0
#define EQUINIX_STS_VERSION "0.9.0"
