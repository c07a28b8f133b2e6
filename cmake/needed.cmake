# Stops where a package was not found, and says what installs it and what does without it.
function(equinix_sts_needed package what steps otherwise)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR # a line that is indented is not wrapped
            "Not found: ${what}. On Debian this installs it:\n  .ci/install-packages ${steps}\n${otherwise}")
    endif()
endfunction()
