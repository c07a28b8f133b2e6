# `cpack` makes Debian packages of a build with BUILD_SHARED_LIBS: the library, the development files, the command.
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "The equinix-sts authors <equinix-sts@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
set(CPACK_COMPONENTS_ALL library development tool)
set(components LIBRARY DEVELOPMENT TOOL)
if(with_redis)
    list(APPEND CPACK_COMPONENTS_ALL redis)
    list(APPEND components REDIS)
endif()

set(library libequinix-sts${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "The shared library.")

set(CPACK_DEBIAN_REDIS_PACKAGE_NAME libequinix-sts-redis${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(CPACK_COMPONENT_REDIS_DESCRIPTION "The token store in Redis or Valkey.")
set(CPACK_DEBIAN_REDIS_PACKAGE_DEPENDS "${library} (= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libequinix-sts-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "Headers, files for CMake and pkg-config, and a mock of the service for tests.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${library} (= ${PROJECT_VERSION}), libboost${boost_version}-dev, libssl-dev (>= 3)")
if(with_redis)
    string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
        ", ${CPACK_DEBIAN_REDIS_PACKAGE_NAME} (= ${PROJECT_VERSION}), libhiredis-dev")
endif()
if(NGHTTP2_FOUND)
    string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libnghttp2-dev")
endif()
if(TARGET Boost::url)
    string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libboost-url${boost_version}-dev")
endif()

set(CPACK_DEBIAN_TOOL_PACKAGE_NAME sts-token)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS "${library} (= ${PROJECT_VERSION})") # CPack does not see our own libraries
if(with_redis)
    string(APPEND CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS ", ${CPACK_DEBIAN_REDIS_PACKAGE_NAME} (= ${PROJECT_VERSION})")
endif()
set(CPACK_COMPONENT_TOOL_DESCRIPTION
    "The command sts-token: exchanges tokens, diagnoses a set-up, runs a mock of the service.")

foreach(component IN LISTS components)
    string(TOLOWER ${component} name)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${component}_PACKAGE_NAME} COMPONENT ${name})
endforeach()
include(CPack)
