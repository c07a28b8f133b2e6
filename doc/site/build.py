"""Writes the site: build.py ROOT XML OUT. doc/site.sh runs it."""
import json
import re
import shutil
import sys
from pathlib import Path

import doxygen
import indexes
import manual
import markdown
from names import Names
from reference import Reference
from site_pages import PAGES, Found, Heading, Site
from sources import Sources


WAYS = """<nav class="ways" aria-label="Where to go">
<a href="doc/guide/quick-start.html">Quick start<span>the first token in five minutes</span></a>
<a href="examples/index.html">Examples<span>each a file of under 80 lines</span></a>
<a href="reference/index.html">Reference<span>every public name</span></a>
<a href="doc/troubleshooting.html">Troubleshooting<span>each error, and what to do</span></a>
</nav>"""
RESULTS = """
<h2 id="figures">The figures of this version</h2>
<p>The tables are on the <a href="../index.html#what-it-costs">start page</a>.</p>
<img class="picture" src="results/reference.svg" alt="Client CPU an exchange, memory a connection, latency">"""


def addresses(site: Site) -> dict[str, str]:
    """The page of each file and folder that has one."""
    urls = {"include/equinix": "reference/index.html", "include/equinix/sts": "reference/index.html",
            "include": "reference/index.html", "examples": "examples/index.html", "LICENSE": "source/LICENSE.html",
            "doc/sts-token.1": "doc/sts-token.html", "doc/openapi.yaml": "doc/openapi.html",
            "examples/quick_start": "examples/quick_start.html", "doc/reference.md": "reference/index.html"}
    for file in site.files:
        if file in urls:
            continue
        if file.endswith("README.md"):
            urls[file] = file.removesuffix("README.md") + "index.html"
        elif file.endswith(".md"):
            urls[file] = file.removesuffix(".md") + ".html"
        elif re.fullmatch(r"examples/\w+\.cpp", file):
            urls[file] = file.removesuffix(".cpp") + ".html"
        elif file.startswith(("examples/", "include/")):
            urls[file] = f"source/{file}.html"
    return urls


def section_of(site: Site, file: str) -> str:
    for section, files in PAGES.items():
        if file in files:
            return section
    if file == "doc/reference.md":
        return "Reference"
    if file.startswith("examples/"):
        return "Examples"
    return "Start" if file == "README.md" else "Guide"


def write_index(site: Site) -> None:
    """A script, not data: a page that was opened as a file cannot fetch."""
    first: dict[tuple[str, str], Found] = {}
    for one in site.found:
        key = (one.label, one.kind) if one.kind in ("variable", "setting", "code") else (one.label, one.url)
        first.setdefault(key, one)
    rows = [[one.label, one.kind, one.url, one.detail[:90]] for one in first.values()]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    (site.out / "search-index.js").write_text(f"window.searchIndex = [\n{lines}\n];\n")


def main(root: Path, xml: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = Names(doxygen.read(xml))
    site = Site(root, out, names)
    site.urls = addresses(site)
    headers = {file.removeprefix("include/"): site.urls[file] for file in site.files if file.startswith("include/")}
    sources, reference = Sources(site, headers), Reference(site, headers)

    site.add(manual.page(site, "doc/sts-token.1"))
    site.add(sources.openapi("doc/openapi.yaml"))
    written = [file for file in site.files if file.endswith(".md")]
    for file, html in markdown.pandoc(site, written).items():
        site.add(markdown.Writer(site, file, html, headers).page(section_of(site, file)))
    start, index = site.pages["index.html"], site.pages["reference/index.html"]
    start.kind, start.title = "start", "equinix-sts"
    start.body = start.body.replace("</p>", "</p>\n" + WAYS, 1)
    costs = site.pages["bench/index.html"]
    costs.body += RESULTS
    costs.headings.append(Heading(2, "figures", "The figures of this version"))
    index.body += "\n" + indexes.by_header(site, headers, index.url)
    guide = [site.pages[site.urls["doc/" + file]] for _, file in site.guide]
    for one, other in zip([site.pages["doc/index.html"], *guide], guide):
        one.after, other.before = other, one

    about = dict(re.findall(r"^\| \[(\w+)\]\([\w.]+\) \| (.+?) \|$", site.read("examples/README.md"), re.M))
    site.add(sources.folder("examples/quick_start", about["quick_start"]))
    for file in sorted(file for file in site.urls if re.fullmatch(r"examples/\w+\.cpp", file)):
        said = about.get(Path(file).stem, "the demo that `examples/demo.sh` builds and runs")
        site.add(sources.example(file, said))
    examples = [page for page in site.pages.values() if page.kind == "example" and page.source]
    for one, other in zip(examples, examples[1:]):
        one.after, other.before = other, one
    shown = [file for file, url in site.urls.items() if url.startswith("source/")]
    for file in [*shown, *written, "doc/sts-token.1", "doc/openapi.yaml"]:
        section = "Examples" if file.startswith("examples/") else "Reference" if file.startswith("include/") else ""
        site.add(sources.file(file, section))

    order = {"class": 0, "struct": 1, "enum": 2, "namespace": 3, "macros": 4}
    for entry in sorted(names.compounds.values(), key=lambda one: (order[one.kind], one.path)):
        site.add(reference.page(entry))
    site.add(indexes.by_name(site))
    kinds = {f"doc/troubleshooting.html#{one.name}" for one in names.compounds["error_kind"].members}
    for found in site.found:
        if found.url in kinds and found.kind == "heading":
            found.kind, found.detail = "error", "Troubleshooting: what it means, what to do"
    site.write()
    write_index(site)
    for file in ("style.css", "search.js"):
        shutil.copy(Path(__file__).parent / file, out)
    print(f"{len(site.pages)} pages, {len(names.by_path)} names")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
