"""Checks a vcpkg.json by the rules of its reference: check_vcpkg.py FILE VERSION. Prints the names of its features."""
import json
import re
import sys

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
VERSION = r"\d+(\.\d+)*"
TOP = {
    "name", "version", "port-version", "description", "license", "supports", "dependencies", "default-features",
    "features",
}


def check_dependency(dependency):
    if isinstance(dependency, str):
        dependency = {"name": dependency}
    assert set(dependency) <= {"name", "host", "version>=", "default-features", "features", "platform"}, dependency
    assert re.fullmatch(NAME, dependency["name"]), dependency
    assert isinstance(dependency.get("host", False), bool), dependency
    assert re.fullmatch(VERSION, dependency.get("version>=", "0")), dependency


def check(manifest, version):
    assert set(manifest) <= TOP, set(manifest) - TOP
    assert re.fullmatch(NAME, manifest["name"])
    assert manifest["version"] == version, "the version of vcpkg.json is not that of version.hpp"
    assert isinstance(manifest["description"], str) and manifest["license"] == "BSL-1.0"
    names = [each if isinstance(each, str) else each["name"] for each in manifest["dependencies"]]
    assert names == sorted(set(names)), "dependencies are not in order"
    for dependency in manifest["dependencies"]:
        check_dependency(dependency)
    for name, feature in manifest["features"].items():
        assert re.fullmatch(NAME, name), name
        assert set(feature) <= {"description", "dependencies", "supports"} and feature["description"], name
        for dependency in feature.get("dependencies", []):
            check_dependency(dependency)
    assert set(manifest["default-features"]) <= set(manifest["features"])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as opened:
        read = json.load(opened)
    check(read, sys.argv[2])
    print(*read["features"])
