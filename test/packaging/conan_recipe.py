"""Runs the Conan recipe with stand-ins for Conan's modules, on this system's libraries: conan_recipe.py RECIPE FOLDER
[OPTION=VALUE ...]. Exports the sources, builds and packages them, and builds and runs test_package with targets made of
package_info()."""
import fnmatch
import importlib.util
import os
import shutil
import subprocess
import sys
import types

HERE_IS = {  # this system's libraries, by the names that Conan's packages have
    "boost::headers": "Boost::headers",
    "boost::url": "Boost::url",
    "openssl::ssl": "OpenSSL::SSL",
    "openssl::crypto": "OpenSSL::Crypto",
    "libnghttp2::nghttp2": "nghttp2",
    "hiredis::hiredis": "hiredis",
}
BOOST = subprocess.run(
    ["g++", "-E", "-P", "-include", "boost/version.hpp", "-x", "c++", "-"],
    input="BOOST_VERSION", capture_output=True, text=True, check=True,
).stdout.split()[-1]
BOOST = f"{int(BOOST) // 100000}.{int(BOOST) // 100 % 1000}.0"


class Options(types.SimpleNamespace):
    def rm_safe(self, name):
        self.__dict__.pop(name, None)


class Info(types.SimpleNamespace):
    def __init__(self):
        super().__init__(libs=[], requires=[], system_libs=[], defines=[], properties={})

    def set_property(self, name, value):
        self.properties[name] = value


class Components(dict):
    def __missing__(self, name):
        self[name] = Info()
        return self[name]


class ConanFile:
    options, default_options = {}, {}
    recipe_folder = export_sources_folder = source_folder = build_folder = package_folder = None

    def __init__(self, recipe_folder):
        self.recipe_folder = recipe_folder
        self.settings = types.SimpleNamespace(os="Linux", build_type="Release")
        self.options = Options(**self.default_options)
        self.folders = types.SimpleNamespace(root=None)
        self.required = {}
        self.dependencies = {"boost": types.SimpleNamespace(ref=types.SimpleNamespace(version=BOOST))}
        self.cpp_info = Info()
        self.cpp_info.components = Components()
        self.cpp = types.SimpleNamespace(build=types.SimpleNamespace(bindir="."))

    def requires(self, reference, **traits):
        self.required[reference.split("/")[0]] = (reference, traits)

    def run(self, command, env=None):
        subprocess.run(command, shell=True, check=True, cwd=self.build_folder)


class CMakeToolchain:
    def __init__(self, conanfile):
        self.conanfile = conanfile
        self.cache_variables = {}

    def generate(self):
        self.conanfile.variables = self.cache_variables


class CMakeDeps:
    def __init__(self, conanfile):
        pass

    def generate(self):
        pass


class CMake:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    def configure(self):
        recipe = self.conanfile
        variables = {
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_INSTALL_PREFIX": recipe.package_folder,
            "CMAKE_INSTALL_LIBDIR": "lib",
            "CMAKE_UNITY_BUILD": True,
            "CMAKE_CXX_COMPILER_LAUNCHER": "ccache" if shutil.which("ccache") else "",
            "BUILD_SHARED_LIBS": getattr(recipe.options, "shared", False),
            **getattr(recipe, "variables", {}),
        }
        given = [
            f"-D{name}={'ON' if value is True else value or 'OFF'}" for name, value in variables.items() if value != ""
        ]
        self.quietly("cmake", "-G", "Ninja", "-S", recipe.source_folder, "-B", recipe.build_folder, *given)
        with open(os.path.join(recipe.build_folder, "CMakeCache.txt"), encoding="utf-8") as opened:
            cache = opened.read()
        for name in variables:  # each is an option that the project has: it has a type
            assert not name.startswith("EQUINIX") or f"\n{name}:BOOL=" in cache or f"\n{name}:STRING=" in cache, name

    def build(self):
        self.quietly("cmake", "--build", self.conanfile.build_folder)

    def install(self):
        self.quietly("cmake", "--install", self.conanfile.build_folder)

    @staticmethod
    def quietly(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout)


def copy(conanfile, pattern, src, dst, excludes=""):
    """Conan's pattern matches a path below src; its * matches / too."""
    for folder, _, files in os.walk(src):
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), src)
            if fnmatch.fnmatch(path, pattern) and not fnmatch.fnmatch(path, excludes):
                os.makedirs(os.path.dirname(os.path.join(dst, path)), exist_ok=True)
                shutil.copy2(os.path.join(src, path), os.path.join(dst, path))


def load(conanfile, path):
    with open(path, encoding="utf-8") as opened:
        return opened.read()


def version(text):
    class Version(tuple):
        def __ge__(self, other):
            return tuple(self) >= tuple(version(other))

    return Version(int(part) for part in text.split("."))


def install_modules():
    modules = {
        "conan": {"ConanFile": ConanFile},
        "conan.errors": {"ConanInvalidConfiguration": type("ConanInvalidConfiguration", (Exception,), {})},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": lambda *_: None, "can_run": lambda _: True},
        "conan.tools.cmake": {
            "CMake": CMake, "CMakeDeps": CMakeDeps, "CMakeToolchain": CMakeToolchain, "cmake_layout": lambda _: None,
        },
        "conan.tools.files": {
            "copy": copy, "load": load, "rmdir": lambda _, path: shutil.rmtree(path, ignore_errors=True),
        },
        "conan.tools.scm": {"Version": version},
    }
    for name, members in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module


def recipe_of(path):
    spec = importlib.util.spec_from_file_location("recipe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, ConanFile)]
    return next(each for each in classes if each is not ConanFile)(os.path.dirname(path))


def write_targets(recipe, path):
    lines = ["find_package(Boost REQUIRED)", "find_package(OpenSSL REQUIRED)"]
    for name, info in recipe.cpp_info.components.items():
        target = info.properties["cmake_target_name"]
        libraries = [os.path.join(recipe.package_folder, "lib", f"lib{each}.{'so' if recipe.options.shared else 'a'}")
                     for each in info.libs]
        for library in libraries:
            assert os.path.exists(library), library
        for need in info.requires:
            if "::" in need:
                assert need.split("::")[0] in recipe.required, need
                libraries.append(HERE_IS[need])
            else:
                libraries.append(recipe.cpp_info.components[need].properties["cmake_target_name"])
        lines += [
            f"add_library({target} INTERFACE IMPORTED)",
            f"target_include_directories({target} INTERFACE {recipe.package_folder}/include)",
            f"target_compile_definitions({target} INTERFACE {' '.join(info.defines)})",
            f"target_link_libraries({target} INTERFACE {' '.join(libraries + info.system_libs)})",
        ]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")


def main(path, folder, *settings):
    install_modules()
    recipe = recipe_of(path)
    assert set(recipe.default_options) == set(type(recipe).options)
    for setting in settings:
        name, value = setting.split("=")
        assert value in map(str, type(recipe).options[name]), setting
        setattr(recipe.options, name, value == "True")
    recipe.set_version()
    recipe.export_sources_folder = recipe.source_folder = os.path.join(folder, "source")
    recipe.export_sources()
    recipe.configure()
    recipe.requirements()
    recipe.validate()
    recipe.layout()
    recipe.build_folder = os.path.join(folder, "build")
    recipe.package_folder = os.path.join(folder, "package")
    recipe.generate()
    recipe.build()
    recipe.package()
    recipe.package_info()

    test = recipe_of(os.path.join(os.path.dirname(path), "test_package", "conanfile.py"))
    test.tested_reference_str = f"{recipe.name}/{recipe.version}"
    test.requirements()
    test.layout()
    test.source_folder = test.recipe_folder
    test.build_folder = os.path.join(folder, "test_package")
    write_targets(recipe, os.path.join(folder, "generators", "equinix-sts-config.cmake"))
    test.variables = {"CMAKE_PREFIX_PATH": os.path.join(folder, "generators")}
    test.build()
    test.test()


if __name__ == "__main__":
    main(*(os.path.abspath(argument) for argument in sys.argv[1:3]), *sys.argv[3:])
