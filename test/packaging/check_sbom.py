"""Checks an SPDX 2.3 document: check_sbom.py DOCUMENT ROOT [NAME ...]. The files are below ROOT; the names are those of
the packages that it must depend on."""
import hashlib
import json
import os
import re
import sys


def check(document, root, names):
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["dataLicense"] == "CC0-1.0"
    assert document["SPDXID"] == "SPDXRef-DOCUMENT"
    assert document["name"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", document["documentNamespace"])
    creation = document["creationInfo"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", creation["created"])
    assert creation["creators"]
    for creator in creation["creators"]:
        assert re.match(r"(Tool|Organization|Person): .", creator), creator

    elements = document["packages"] + document["files"]
    ids = [element["SPDXID"] for element in elements]
    assert len(ids) == len(set(ids)), "an SPDXID occurs twice"
    for element in elements:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", element["SPDXID"]), element["SPDXID"]
        assert element["licenseConcluded"] and element["copyrightText"]
    for package in document["packages"]:
        assert package["name"] and package["downloadLocation"] and package["licenseDeclared"]
        assert re.fullmatch(r"\d+(\.\d+)+", package["versionInfo"]), package
        assert package["filesAnalyzed"] == ("packageVerificationCode" in package)

    sums = []
    for file in document["files"]:
        assert file["fileName"].startswith("./")
        with open(os.path.join(root, file["fileName"]), "rb") as opened:
            content = opened.read()
        checksums = {each["algorithm"]: each["checksumValue"] for each in file["checksums"]}
        assert checksums["SHA1"] == hashlib.sha1(content).hexdigest(), file["fileName"]
        assert checksums["SHA256"] == hashlib.sha256(content).hexdigest(), file["fileName"]
        sums.append(checksums["SHA1"])
    ours = document["packages"][0]
    code = hashlib.sha1("".join(sorted(sums)).encode()).hexdigest()
    assert ours["packageVerificationCode"]["packageVerificationCodeValue"] == code
    there = [
        "./" + os.path.relpath(os.path.join(folder, name), root)
        for folder, _, found in os.walk(os.path.join(root, "include"))
        for name in found
    ]
    assert sorted(there) == sorted(file["fileName"] for file in document["files"])

    relationships = {
        (each["spdxElementId"], each["relationshipType"], each["relatedSpdxElement"])
        for each in document["relationships"]
    }
    assert ("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"]) in relationships
    for file in document["files"]:
        assert (ours["SPDXID"], "CONTAINS", file["SPDXID"]) in relationships
    needed = {b for a, kind, b in relationships if (a, kind) == (ours["SPDXID"], "DEPENDS_ON")}
    assert needed == {package["SPDXID"] for package in document["packages"][1:]}
    assert [package["name"] for package in document["packages"]] == ["equinix-sts", *names]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as opened:
        check(json.load(opened), sys.argv[2], sys.argv[3:])
