# Stops if a package was not found. Says how to install it and how to build without it.
function(equinix_sts_needed package what steps otherwise)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR # CMake does not wrap indented lines
            "Not found: ${what}. To install it on Debian:\n  .ci/install-packages ${steps}\n${otherwise}")
    endif()
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
