"""What the pages share: their addresses, the links between them, and their frame."""
import posixpath
import re
import subprocess
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Callable

from doxygen import Entry
from names import Names
from tags import broken

PAGES = {  # the pages of each section of the menu, in its order; the guide's are those of doc/README.md
    "Running it": ["doc/troubleshooting.md", "doc/sts-token.1", "doc/fleet.md", "bench/README.md", "doc/comparison.md"],
    "Behaviour": ["doc/faults.md", "doc/openapi.yaml", "SECURITY.md", "doc/stability.md"],
    "Project": ["CHANGELOG.md", "CONTRIBUTING.md", "doc/releasing.md", "test/README.md", "LICENSE"],
}
SHORT = {"README.md": "Start", "doc/README.md": "Contents", "doc/sts-token.1": "The command sts-token",
         "bench/README.md": "What it costs", "doc/openapi.yaml": "The service (OpenAPI)", "doc/fleet.md": "Fleets",
         "CHANGELOG.md": "Changes", "LICENSE": "Licence", "test/README.md": "Tests", "doc/faults.md": "Faults",
         "examples/README.md": "Overview"}


@dataclass
class Heading:
    level: int
    id: str
    text: str


@dataclass
class Page:
    url: str
    title: str
    section: str
    source: str  # the file of the repository that it shows
    body: str
    line: int = 0
    headings: list[Heading] = field(default_factory=list)
    before: "Page | None" = None
    after: "Page | None" = None
    kind: str = ""  # a class for the style
    word: str = ""  # what the entry of the reference is


@dataclass
class Found:
    """A line of the search index."""
    label: str
    kind: str
    url: str
    detail: str = ""


class Site:
    def __init__(self, root: Path, out: Path, names: Names):
        self.root, self.out, self.names = root, out, names
        self.pages: dict[str, Page] = {}
        self.found: list[Found] = []
        self.urls: dict[str, str] = {}  # by file of the repository
        self.mentions: dict[str, list[tuple[str, str]]] = {}  # by a name's path: address and title of where it is said
        self.examples: dict[str, list[tuple[str, int]]] = {}  # by a name's path: file and line of each use
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, check=True,
                                capture_output=True, text=True).stdout.split()
        self.files = [file for file in listed if (root / file).is_file()]
        self.guide = re.findall(r"^\d+\. \[(.+?)\]\((.+?)\)", (root / "doc/README.md").read_text(), re.M)
        version = re.search(r'EQUINIX_STS_VERSION "(.+?)"', (root / "include/equinix/sts/version.hpp").read_text())
        self.version = version.group(1) if version else ""
        self.template = (Path(__file__).parent / "template.html").read_text()

    def read(self, file: str) -> str:
        return (self.root / file).read_text()

    def brief_of(self, header: str) -> str:
        """What a header's first comment says of it."""
        found = re.search(r"/// \\file\n/// (.+?)(?:\n(?!///)|\n///\n)", self.read(header), re.S)
        return re.sub(r"\n/// ?", " ", found.group(1)) if found else ""

    def link_from(self, url: str) -> Callable[[str], str]:
        def to(target: str) -> str:
            path, sign, anchor = target.partition("#")
            if path in ("", url):
                return sign + anchor if anchor else posixpath.basename(url)
            return posixpath.relpath(path, posixpath.dirname(url) or ".") + sign + anchor
        return to

    def add(self, page: Page) -> Page:
        assert page.url not in self.pages, page.url
        self.pages[page.url] = page
        return page

    def find_capitals(self, name: str, url: str, where: str) -> None:
        """Adds a name in capitals to the search: an error's code, a setting of a build, or a variable of the environment."""
        if re.match(r"MSG_|PR_|RLIMIT_|REFUSED_|HTTP_1|SSL_OP_|STS_", name):
            return
        of_build = re.match(r"BOOST_|CMAKE_|EQUINIX_STS_(?:HTTP2|REDIS|SHARED)$", name)
        kind = "code" if re.match(r"X509_|EAI_", name) else "setting" if of_build else "variable"
        self.found.append(Found(name, kind, url, where))

    def mention(self, entry: Entry, url: str, title: str) -> None:
        places = self.mentions.setdefault(entry.path, [])
        if all(title != other for _, other in places):
            places.append((url, title))

    def told_in(self, entry: Entry) -> list[tuple[str, str]]:
        """Where the pages speak of the name: first the guide, in its order."""
        guide = [self.urls["doc/" + file] for _, file in self.guide]

        def order(place: tuple[str, str]) -> int:
            page = place[0].partition("#")[0]
            return guide.index(page) if page in guide else len(guide)
        return sorted(self.mentions.get(entry.path, []), key=order)[:6]

    def source_url(self, file: str) -> str:
        return self.urls[file] if file.startswith("include/") or self.urls.get(file, "").startswith("source/") \
            else f"source/{file}.html"

    def menu(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The sections, each with the addresses and titles of its pages."""
        def named(file: str) -> tuple[str, str]:
            page = self.pages[self.urls[file]]
            return page.url, SHORT.get(file, page.title)
        guide = [named("doc/README.md")] + [(self.urls["doc/" + file], title) for title, file in self.guide]
        examples = [named("examples/README.md")] + [
            (page.url, page.title) for page in self.pages.values() if page.kind == "example"]
        types = [page for page in self.pages.values() if page.kind == "entry"]
        reference = [("reference/index.html", "By purpose"), ("reference/names.html", "All names")]
        parts = {"class": "Classes", "struct": "Structs", "enum": "Enumerations"}
        for page in types:
            word = parts.get(page.word, "Functions and constants")
            if ("", word) not in reference:
                reference.append(("", word))
            reference.append((page.url, page.title))
        rest = [(title, [named(file) for file in files]) for title, files in PAGES.items()]
        return [("Guide", guide), ("Reference", reference), ("Examples", examples), *rest]

    def sidebar(self, page: Page) -> str:
        to, parts = self.link_from(page.url), []

        def item(url: str, title: str) -> str:
            if not url:
                return f'<li class="part">{escape(title)}</li>'
            here = ' aria-current="page"' if url == page.url else ""
            return f'<li><a href="{to(url)}"{here}>{broken(title)}</a></li>'
        parts.append(f'<ul class="first">{item("index.html", "Start")}</ul>')
        for title, items in self.sections:
            opened = " open" if title == (page.section if page.section != "Start" else "Guide") else ""
            listed = "".join(item(url, name) for url, name in items)
            parts.append(f"<details{opened}><summary>{title}</summary><ul>{listed}</ul></details>")
        return "\n".join(parts)

    def contents(self, page: Page) -> str:
        listed = [one for one in page.headings if one.level in (2, 3)]
        if len(listed) > 60:
            listed = [one for one in listed if one.level == 2]
        if len(listed) < 3:
            return ""
        return "<ul>" + "".join(f'<li class="l{one.level}"><a href="#{one.id}">{broken(one.text)}</a></li>'
                                for one in listed) + "</ul>"

    def neighbours(self, page: Page) -> str:
        to = self.link_from(page.url)
        links = [f'<a rel="{rel}" href="{to(other.url)}"><span>{word}</span>{escape(other.title)}</a>'
                 for rel, word, other in (("prev", "Previous", page.before), ("next", "Next", page.after)) if other]
        return f'<nav class="turn" aria-label="Previous and next">{"".join(links)}</nav>' if links else ""

    def source_link(self, page: Page) -> str:
        if not page.source or page.kind in ("source", "example"):
            return f"<p>Source: <code>{escape(page.source)}</code></p>" if page.source else ""
        target = self.link_from(page.url)(self.source_url(page.source) + (f"#L{page.line}" if page.line else ""))
        return f'<p>Source of this page: <a href="{target}"><code>{escape(page.source)}</code></a></p>'

    def write(self) -> None:
        self.sections = self.menu()
        for page in self.pages.values():
            toc = self.contents(page)
            parts = {
                "title": escape(page.title if page.url == "index.html" else f"{page.title} · equinix-sts"),
                "root": posixpath.relpath(".", posixpath.dirname(page.url) or ".") + "/", "version": escape(self.version),
                "kind": page.kind or "text", "sidebar": self.sidebar(page), "body": page.body,
                "aside": toc and f'<nav class="toc wide" aria-label="On this page"><h2>On this page</h2>{toc}</nav>',
                "inset": toc and f'<details class="toc narrow"><summary>On this page</summary>{toc}</details>',
                "turn": self.neighbours(page), "source": self.source_link(page),
            }
            html = re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found.group(1)], self.template)
            file = self.out / page.url
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(html)
