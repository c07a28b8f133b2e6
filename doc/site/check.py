"""Checks the pages. `check.py written ROOT`: every link of a page in Markdown leads to a file, and every test that it
names exists. `check.py built SITE`: every link leads to a page and an anchor of it; no anchor is there twice."""
import os
import posixpath
import re
import subprocess
import sys
from collections import Counter
from html import unescape
from pathlib import Path


def tests(root: Path) -> set[str]:
    found = {"fuzz/" + path.name for path in (root / "test/fuzz/corpus").iterdir()}
    for path in root.glob("test/*/*_test.cpp"):
        folder, suite = path.parent.name, ""
        for what, name in re.findall(r"^BOOST_(?:AUTO|FIXTURE)_TEST_(SUITE|CASE)\((\w+)", path.read_text(), re.M):
            suite = name if what == "SUITE" else suite
            found.add(f"{folder}/{suite}" + ("" if what == "SUITE" else "/" + name))
    return found


def written(root: Path) -> list[str]:
    """What is wrong in the pages as they are written."""
    wrong, known = [], tests(root)
    folders = "|".join({name.split("/")[0] for name in known})
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=root,
                           check=True, capture_output=True, text=True).stdout.split()
    for page in files:
        text = (root / page).read_text()
        for name in re.findall(rf"`((?:{folders})/\w+/\w+|fuzz/\w+)`", text):
            if name not in known:
                wrong.append(f"{page}: there is no test {name}")
        prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            path = posixpath.join(posixpath.dirname(page), target.partition("#")[0])
            if not re.match(r"[a-z]+:|#", target) and not os.path.exists(root / path):
                wrong.append(f"{page}: {target} leads to no file")
    return wrong


def built(out: Path) -> list[str]:
    """What is wrong in the pages as they are built."""
    wrong, links, anchors = [], [], {}
    for file in sorted(out.rglob("*.html")):
        page, html = file.relative_to(out).as_posix(), file.read_text()
        ids = Counter(re.findall(r'\sid="([^"]+)"', html))
        anchors[page] = set(ids)
        wrong += [f"{page}: the anchor {name} is there {count} times" for name, count in ids.items() if count > 1]
        links += [(page, unescape(target)) for target in re.findall(r'\s(?:href|src)="([^"]*)"', html)]
    for page, target in sorted(set(links)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        if not (out / file).is_file():
            wrong.append(f"{page}: {target} leads to no page")
        elif anchor and file in anchors and anchor not in anchors[file]:
            wrong.append(f"{page}: {target} leads to no heading")
    return wrong


if __name__ == "__main__":
    mistakes = {"written": written, "built": built}[sys.argv[1]](Path(sys.argv[2]))
    print("\n".join(mistakes), end="\n" if mistakes else "")
    sys.exit(bool(mistakes))
