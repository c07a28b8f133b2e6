# An overlay port: it builds the source tree that contains it.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS features
    FEATURES
        http2 EQUINIX_STS_HTTP2
        redis EQUINIX_STS_REDIS
        testing EQUINIX_STS_TESTING
        tool EQUINIX_STS_BUILD_TOOL)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${features}
        -DEQUINIX_STS_PROMETHEUS=OFF
        -DEQUINIX_STS_OTEL=OFF
        -DEQUINIX_STS_GRPC=OFF
        -DEQUINIX_STS_BUILD_TESTS=OFF
        -DEQUINIX_STS_BUILD_BENCH=OFF
        -DEQUINIX_STS_BUILD_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/equinix-sts)
vcpkg_fixup_pkgconfig()
if("tool" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES sts-token AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
