# Stops if a package was not found. Says how to install it and how to build without it.
function(equinix_sts_needed package what steps otherwise)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR # CMake does not wrap indented lines
            "Not found: ${what}. To install it on Debian:\n  .ci/install-packages ${steps}\n${otherwise}")
    endif()
endfunction()
