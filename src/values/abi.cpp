// The settings that this library was built with: see the header.
#include <equinix/sts/abi.hpp>

namespace equinix::sts::library_was_built {

char const EQUINIX_STS_ABI_BOOST = 0;
char const EQUINIX_STS_ABI_THREADS = 0;
char const EQUINIX_STS_ABI_TRACKING = 0;
char const EQUINIX_STS_ABI_BUFFERS = 0;
char const EQUINIX_STS_ABI_EXECUTOR = 0;
char const EQUINIX_STS_ABI_EPOLL = 0;
char const EQUINIX_STS_ABI_URING = 0;
char const EQUINIX_STS_ABI_BLOCKS = 0;
char const EQUINIX_STS_ABI_FRAMES = 0;
char const EQUINIX_STS_ABI_CACHE = 0;
char const EQUINIX_STS_ABI_LIBRARY = 0;
char const EQUINIX_STS_ABI_RTTI = 0;
char const EQUINIX_STS_ABI_EXCEPTIONS = 0;

} // namespace equinix::sts::library_was_built
