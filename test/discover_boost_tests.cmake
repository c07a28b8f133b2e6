# Makes each case of a Boost.Test program a test of ctest, by asking the built program for its list; or, where a
# process takes long to start, each suite. With PROCESS_A_CASE each case always has a process of its own, and is begun
# before the others: the longest cases are among those.
option(EQUINIX_STS_TEST_BY_SUITE "One test of ctest a suite, not a case" OFF)
set(equinix_sts_discover_script ${CMAKE_CURRENT_LIST_DIR}/discover_boost_tests_at_build.cmake)

function(discover_boost_tests target folder)
    cmake_parse_arguments(PARSE_ARGV 2 arg PROCESS_A_CASE "" "")
    set(by_suite ${EQUINIX_STS_TEST_BY_SUITE})
    set(cost 0)
    if(arg_PROCESS_A_CASE)
        set(by_suite OFF)
        set(cost 1)
    endif()
    set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake)
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${target}> -DPREFIX=${folder} -DLIST=${list}
            -DBY_SUITE=${by_suite} -DCOST=${cost} -P ${equinix_sts_discover_script}
        BYPRODUCTS ${list} VERBATIM)
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${list})
endfunction()
