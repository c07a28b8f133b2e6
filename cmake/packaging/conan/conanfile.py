import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.scm import Version

ROOT = os.path.join("..", "..", "..")


class EquinixSts(ConanFile):
    name = "equinix-sts"
    description = "C++20 coroutine client for the Equinix Security Token Service"
    license = "BSL-1.0"
    topics = ("oauth2", "oidc", "token-exchange", "asio", "coroutines")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "http2": [True, False],
        "redis": [True, False],
        "testing": [True, False],
        "tool": [True, False],
    }
    default_options = {
        "shared": False,
        "fPIC": True,
        "http2": True,
        "redis": False,
        "testing": True,
        "tool": False,
    }

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, ROOT, "include/equinix/sts/version.hpp"))
        self.version = re.search(r'EQUINIX_STS_VERSION "([0-9.]+)"', header).group(1)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, ROOT)
        for file in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"):
            copy(self, file, root, self.export_sources_folder)
        for folder in ("cmake", "doc", "examples", "include", "src"):
            copy(self, folder + "/*", root, self.export_sources_folder, excludes="*/node_modules/*")

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def requirements(self):
        # The headers include Asio's, so a program must use the same Boost.
        self.requires("boost/[>=1.81 <1.89]", transitive_headers=True)
        self.requires("openssl/[>=3 <4]")
        if self.options.http2:
            self.requires("libnghttp2/[>=1.52 <2]")
        if self.options.redis:
            self.requires("hiredis/[>=1 <2]")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("equinix-sts supports Linux only")

    def layout(self):
        self.folders.root = ROOT
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for name, option in {
            "HTTP2": self.options.http2,
            "REDIS": self.options.redis,
            "TESTING": self.options.testing,
            "BUILD_TOOL": self.options.tool,
        }.items():
            toolchain.cache_variables["EQUINIX_STS_" + name] = bool(option)
        for name in ("PROMETHEUS", "OTEL", "GRPC", "BUILD_TESTS", "BUILD_BENCH", "BUILD_EXAMPLES"):
            toolchain.cache_variables["EQUINIX_STS_" + name] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for folder in ("cmake", "pkgconfig"):  # CMakeDeps and PkgConfigDeps make their own
            rmdir(self, os.path.join(self.package_folder, "lib", folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "equinix-sts")
        tls = ["openssl::ssl", "openssl::crypto"]
        http2 = ["libnghttp2::nghttp2"] if self.options.http2 else []
        url = ["boost::url"] if Version(self.dependencies["boost"].ref.version) >= "1.83" else []

        def component(name, library, requires):
            info = self.cpp_info.components[name]
            info.libs = [library]
            info.requires = requires
            info.set_property("cmake_target_name", "equinix::" + name)
            info.set_property("pkg_config_name", library)
            return info

        sts = component("sts", "equinix-sts", ["boost::headers"] + url + tls + http2)
        sts.system_libs = ["pthread"]
        if self.options.shared:
            sts.defines = ["EQUINIX_STS_SHARED"]
        if self.options.redis:
            component("sts_redis", "equinix-sts-redis", ["sts", "hiredis::hiredis"] + tls)
        if self.options.testing:
            component("sts_testing", "equinix-sts-testing", ["sts"] + tls + http2)
