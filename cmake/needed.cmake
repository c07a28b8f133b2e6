# Stops if a package was not found. Says how to install it and how to build without it.
function(equinix_sts_needed package what steps otherwise)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR # CMake does not wrap indented lines
            "Not found: ${what}. To install it on Debian:\n  .ci/install-packages ${steps}\n${otherwise}")
    endif()
endfunction()

# A plug: a small static library that connects this one to another, built where the other is found. OPTION is ON, OFF or
# AUTO. Appends NAME to `plugs`.
function(equinix_sts_plug name option package target source)
    if(NOT ${option})
        return()
    endif()
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON) # for the examples
    if(TARGET ${target})
        # Another part of the build has it, whose targets a search would define twice.
    elseif(target MATCHES "^PkgConfig::(.*)")
        find_package(PkgConfig QUIET)
        if(PkgConfig_FOUND)
            pkg_check_modules(${CMAKE_MATCH_1} QUIET IMPORTED_TARGET GLOBAL ${package})
        endif()
    else()
        find_package(${package} QUIET CONFIG)
    endif()
    if(NOT TARGET ${target})
        if(NOT ${option} STREQUAL "AUTO")
            message(FATAL_ERROR "Not found: ${package}. -D${option}=OFF builds without the plug for it.")
        endif()
        return()
    endif()
    add_library(equinix_sts_${name} STATIC ${source})
    add_library(equinix::sts_${name} ALIAS equinix_sts_${name})
    set_target_properties(equinix_sts_${name} PROPERTIES
        EXPORT_NAME sts_${name} OUTPUT_NAME equinix-sts-${name} POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(equinix_sts_${name} PUBLIC equinix_sts ${target} PRIVATE $<BUILD_INTERFACE:equinix_sts_flags>)
    set(plugs ${plugs} ${name} PARENT_SCOPE)
endfunction()

# Finds a C library that only one part needs. OPTION is ON, OFF, or AUTO: built without that part if it is not found.
# Sets PREFIX_FOUND, PREFIX_INCLUDE_DIR and PREFIX_LIBRARY.
function(equinix_sts_codec prefix option header library what part)
    if(NOT ${option})
        return()
    endif()
    find_path(${prefix}_INCLUDE_DIR ${header})
    find_library(${prefix}_LIBRARY ${library})
    mark_as_advanced(${prefix}_INCLUDE_DIR ${prefix}_LIBRARY)
    if(${prefix}_INCLUDE_DIR AND ${prefix}_LIBRARY)
        set(${prefix}_FOUND ON PARENT_SCOPE)
    elseif(${option} STREQUAL "AUTO")
        message(STATUS "Without ${part}: ${library} is not installed (.ci/install-packages build)")
    else()
        equinix_sts_needed(${prefix} "${what}" "build" "-D${option}=OFF builds without ${part}.")
    endif()
endfunction()

# The version of a library by the lines of its header that define a NAME, a regular expression: one with the whole
# version, or its numbers in order.
function(equinix_sts_version variable header name)
    file(STRINGS ${header} lines REGEX "^#define ${name} ")
    list(TRANSFORM lines REPLACE "^#define [^ ]+ \"?([0-9.]+).*" "\\1")
    list(JOIN lines "." version)
    set(${variable} ${version} PARENT_SCOPE)
endfunction()
