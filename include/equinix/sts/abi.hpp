/// \file
/// Settings that a program and the library must have in common.
///
/// Boost.Asio's types are part of the interface. Some settings change their layout, or how they allocate
/// memory that the other side frees. Each source file that includes a header of the library refers to one
/// symbol for each such setting, and the library defines the symbols of its own settings. A program with
/// other settings does not link, and the missing symbol names the setting. `doc/guide/compiler-options.md`
/// lists them.
#pragma once

#include <equinix/sts/decl.hpp>

#include <boost/asio/detail/config.hpp>
#include <boost/version.hpp>

/// \cond
#define EQUINIX_STS_JOINED_(a, b) a##b
#define EQUINIX_STS_JOINED(a, b) EQUINIX_STS_JOINED_(a, b)

#define EQUINIX_STS_ABI_BOOST EQUINIX_STS_JOINED(with_Boost_, BOOST_VERSION)

#if defined(BOOST_ASIO_HAS_THREADS)
#define EQUINIX_STS_ABI_THREADS without_BOOST_ASIO_DISABLE_THREADS
#else
#define EQUINIX_STS_ABI_THREADS with_BOOST_ASIO_DISABLE_THREADS
#endif

#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING) || defined(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)
#define EQUINIX_STS_ABI_TRACKING with_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#else
#define EQUINIX_STS_ABI_TRACKING without_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#endif

#if defined(BOOST_ASIO_ENABLE_BUFFER_DEBUGGING) && !defined(_GLIBCXX_DEBUG) // which enables it itself
#define EQUINIX_STS_ABI_BUFFERS with_BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
#else
#define EQUINIX_STS_ABI_BUFFERS without_BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
#endif

#if defined(BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT)
#define EQUINIX_STS_ABI_EXECUTOR with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#else
#define EQUINIX_STS_ABI_EXECUTOR without_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#endif

#if !defined(BOOST_ASIO_HAS_EPOLL)
#define EQUINIX_STS_ABI_EPOLL with_BOOST_ASIO_DISABLE_EPOLL
#else
#define EQUINIX_STS_ABI_EPOLL without_BOOST_ASIO_DISABLE_EPOLL
#endif

#if defined(BOOST_ASIO_HAS_IO_URING)
#define EQUINIX_STS_ABI_URING with_BOOST_ASIO_HAS_IO_URING
#else
#define EQUINIX_STS_ABI_URING without_BOOST_ASIO_HAS_IO_URING
#endif

#if defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
#define EQUINIX_STS_ABI_BLOCKS with_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#else
#define EQUINIX_STS_ABI_BLOCKS without_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#endif

#if defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
#define EQUINIX_STS_ABI_FRAMES with_BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#else
#define EQUINIX_STS_ABI_FRAMES without_BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#endif

// Asio's default is 2. It defines the macro in the first header that needs it.
#if defined(BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE) && BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE != 2
#define EQUINIX_STS_ABI_CACHE                                                                                \
    EQUINIX_STS_JOINED(with_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE_,                                      \
                       BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE)
#else
#define EQUINIX_STS_ABI_CACHE without_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE
#endif

#if defined(_LIBCPP_VERSION)
#define EQUINIX_STS_ABI_LIBRARY with_stdlib_libcxx
#elif defined(_GLIBCXX_DEBUG)
#define EQUINIX_STS_ABI_LIBRARY with_GLIBCXX_DEBUG
#elif defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
#define EQUINIX_STS_ABI_LIBRARY with_GLIBCXX_USE_CXX11_ABI_0
#else
#define EQUINIX_STS_ABI_LIBRARY without_GLIBCXX_DEBUG
#endif

#if defined(__GXX_RTTI) || defined(__cpp_rtti)
#define EQUINIX_STS_ABI_RTTI without_fno_rtti
#else
#define EQUINIX_STS_ABI_RTTI with_fno_rtti
#endif

#if defined(__cpp_exceptions)
#define EQUINIX_STS_ABI_EXCEPTIONS without_fno_exceptions
#else
#define EQUINIX_STS_ABI_EXCEPTIONS with_fno_exceptions
#endif

#if defined(__has_attribute)
#if __has_attribute(retain) // otherwise a linker that drops unused sections drops this
#define EQUINIX_STS_RETAINED [[gnu::used, gnu::retain]]
#endif
#endif
#ifndef EQUINIX_STS_RETAINED
#define EQUINIX_STS_RETAINED [[gnu::used]]
#endif

namespace equinix::sts::library_was_built {
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_BOOST;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_THREADS;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_TRACKING;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_BUFFERS;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_EXECUTOR;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_EPOLL;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_URING;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_BLOCKS;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_FRAMES;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_CACHE;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_LIBRARY;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_RTTI;
EQUINIX_STS_DECL extern char const EQUINIX_STS_ABI_EXCEPTIONS;

// Each file has its own: the linker would keep only the first file's copy of a shared one.
namespace { // NOLINT(cert-dcl59-cpp)
EQUINIX_STS_RETAINED char const* const as_this_file[] = {
    &EQUINIX_STS_ABI_BOOST,     &EQUINIX_STS_ABI_THREADS, &EQUINIX_STS_ABI_TRACKING, &EQUINIX_STS_ABI_BUFFERS,
    &EQUINIX_STS_ABI_EXECUTOR,  &EQUINIX_STS_ABI_EPOLL,   &EQUINIX_STS_ABI_URING,    &EQUINIX_STS_ABI_BLOCKS,
    &EQUINIX_STS_ABI_FRAMES,    &EQUINIX_STS_ABI_CACHE,   &EQUINIX_STS_ABI_LIBRARY,  &EQUINIX_STS_ABI_RTTI,
    &EQUINIX_STS_ABI_EXCEPTIONS};
} // namespace
} // namespace equinix::sts::library_was_built
/// \endcond
