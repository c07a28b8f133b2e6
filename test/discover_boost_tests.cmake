# Makes each case of a Boost.Test program a test of ctest, by asking the built program for its list.
set(equinix_sts_discover_script ${CMAKE_CURRENT_LIST_DIR}/discover_boost_tests_at_build.cmake)

function(discover_boost_tests target folder)
    set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake)
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${target}> -DPREFIX=${folder} -DLIST=${list}
            -P ${equinix_sts_discover_script}
        BYPRODUCTS ${list} VERBATIM)
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${list})
endfunction()
