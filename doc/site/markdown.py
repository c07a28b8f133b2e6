"""The pages that are written in Markdown: pandoc's HTML, with the links and the code of this site."""
import posixpath
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from html import escape, unescape

import cpp
import plain_code
from site_pages import Found, Heading, Page, Site
from tags import heading, plain

CODE = re.compile(r'(?:<!-- (\S+/[^\s:]+)(?:: (\w+))? -->\s*)?<pre(?: class="([\w-]+)")?><code>(.*?)</code></pre>', re.S)
MARK = re.compile(r"^ *(?://|#) \[[a-z_]+\]$")


def pandoc(site: Site, files: list[str]) -> dict[str, str]:
    def one(file: str) -> str:
        command = ["pandoc", "-f", "gfm", "-t", "html5", "--wrap=preserve", "--no-highlight", site.root / file]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(files, pool.map(one, files)))


def part_of(lines: list[str], shown: list[str], tag: str) -> list[str]:
    """The lines of `shown` that .ci/snippets takes, by the marks in `lines`, without their common indentation."""
    inside, taken = not tag, []
    for line, html in zip(lines, shown):
        if MARK.match(line):
            inside = inside != (f"[{tag}]" in line)
        elif inside:
            taken.append((line, html))
    least = min((len(line) - len(line.lstrip()) for line, _ in taken if line.strip()), default=0)
    return [html[least:] for _, html in taken]


class Writer:
    def __init__(self, site: Site, file: str, html: str, headers: dict[str, str]):
        self.site, self.file, self.html, self.headers = site, file, html, headers
        self.url = site.urls[file]
        self.to = site.link_from(self.url)
        self.kept: list[str] = []
        self.headings: list[Heading] = []

    def keep(self, html: str) -> str:
        """Takes finished HTML out of what is still to be changed."""
        self.kept.append(html)
        return f"\0{len(self.kept) - 1}\0"

    def restore(self, html: str) -> str:
        while "\0" in html:
            html = re.sub(r"\0(\d+)\0", lambda m: self.kept[int(m.group(1))], html)
        return html

    def page(self, section: str) -> Page:
        html = CODE.sub(lambda m: self.keep(self.block(*m.groups())), self.html)
        html = re.sub(r"<!--.*?-->", "", html, flags=re.S)
        html = re.sub(r"<img ([^>]*)/?>", lambda m: self.keep(self.picture(m.group(1))), html)
        html = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', lambda m: self.keep(self.link(*m.groups())), html, flags=re.S)
        html = re.sub(r'<h([1-6]) id="([^"]*)">(.*?)</h\1>', self.head, html, flags=re.S)
        html = self.names(html)
        html = re.sub(r"<table>.*?</table>", self.table, html, flags=re.S)
        html = re.sub(r' style="text-align: (\w+);"', r' class="\1"', html)
        title = next((one.text for one in self.headings if one.level == 1), self.file)
        html = self.restore(html).strip()
        return Page(self.url, title, section, self.file, html, headings=self.headings)

    def block(self, file: str | None, tag: str | None, language: str | None, code: str) -> str:
        code = unescape(code)
        data = f' data-file="{file}"' + (f' data-tag="{tag}"' if tag else "") if file else ""
        if language == "cpp":
            if file:
                whole = self.site.read(file)
                lines = part_of(whole.split("\n"), self.cpp(whole), tag or "")
                if not tag and lines and not lines[-1]:
                    lines.pop()
            else:
                lines = self.cpp(code)
            html = "\n".join(lines)
        else:
            html = plain_code.highlight(code, language or "console")
        label = ""
        if file and self.site.urls.get(file):
            label = f'<figcaption><a href="{self.to(self.site.urls[file])}">{file}</a></figcaption>'
        return (f'<figure class="code">{label}<pre tabindex="0" data-language="{language or ""}"{data}>'
                f"<code>{html}</code></pre></figure>")

    def cpp(self, code: str) -> list[str]:
        lines, tokens = cpp.highlight(self.site.names, code, self.to, self.headers)
        for token in tokens:
            if token.target is not None and self.file.startswith("doc/"):
                self.site.mention(token.target, self.url, self.title())
        return lines

    def title(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.html, re.S)
        return plain(found.group(1)) if found else self.file

    def target(self, link: str) -> str | None:
        """The address of the page, or None if there is none; links to elsewhere stay as they are."""
        if re.match(r"[a-z]+:", link):
            return link
        path, sign, anchor = link.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), path)) if path else self.file
        url = self.site.urls.get(file)
        return self.to(url + sign + anchor) if url else None

    def link(self, href: str, inner: str) -> str:
        target = self.target(unescape(href))
        if target is None:
            return f"<code>{escape(posixpath.normpath(posixpath.join(posixpath.dirname(self.file), href)))}</code>"
        return f'<a href="{escape(target)}">{inner}</a>'

    def picture(self, attributes: str) -> str:
        found = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), found["src"]))
        (self.site.out / file).parent.mkdir(parents=True, exist_ok=True)
        (self.site.out / file).write_bytes((self.site.root / file).read_bytes())
        return f'<img class="picture" src="{self.to(file)}" alt="{found.get("alt", "")}">'

    def head(self, found: re.Match) -> str:
        level, anchor, inner = int(found.group(1)), found.group(2), found.group(3)
        text = plain(self.restore(inner))
        self.headings.append(Heading(level, anchor, text))
        kind = "page" if level == 1 else "heading"
        where = next((one.text for one in self.headings if one.level == 1), "") if level > 1 else ""
        self.site.found.append(Found(text, kind, self.url + ("" if level == 1 else "#" + anchor), where))
        return self.keep(heading(level, anchor, self.restore(inner))) + f"\n\1{anchor}\1"

    def names(self, html: str) -> str:
        """Links the code in the text to the reference."""
        parts, anchor = [], ""
        for piece in re.split(r"(\x01[^\x01]*\x01|<code>.*?</code>|equinix::sts(?:::\w+)+)", html, flags=re.S):
            if piece.startswith("\1"):
                anchor = "#" + piece.strip("\1")
                continue
            if piece.startswith("<code>") or piece.startswith("equinix::sts::"):
                said = unescape(re.sub(r"</?code>", "", piece))
                entry = self.site.names.in_text(said, "".join(parts)[-60:])
                if entry is None and self.file == "doc/faults.md":  # which says that words in code are kinds of errors
                    entry = self.site.names.lookup("error_kind::" + said)
                if entry is not None and entry.path:
                    if self.file.startswith("doc/") and self.file != "doc/reference.md":
                        self.site.mention(entry, self.url + anchor, self.title())
                    short = escape(said.removeprefix("equinix::sts::") if self.file == "doc/reference.md" else said)
                    piece = f'<a class="r" href="{self.to(entry.url)}"><code>{short}</code></a>'
                elif re.fullmatch(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+", said):
                    self.site.find_capitals(said, self.url + anchor, self.title())
            parts.append(piece)
        return "".join(parts)

    def table(self, found: re.Match) -> str:
        html = found.group(0)
        if self.file == "doc/faults.md":
            html = re.sub(r"<td[^>]*>([A-Z]\d+(?:, [A-Z]\d+)*)</td>(.*?)</tr>", self.faults, html, flags=re.S)
        return f'<div class="scroll" tabindex="0">{html}</div>'

    def faults(self, found: re.Match) -> str:
        numbers = found.group(1).split(", ")
        said = plain(self.restore(found.group(2)).split("</td>")[0])
        for number in numbers:
            self.site.found.append(Found(number, "fault", f"{self.url}#{number}", said))
        cell = ", ".join(f'<a id="{number}" href="#{number}">{number}</a>' for number in numbers)
        return f'<td class="number">{cell}</td>{found.group(2)}</tr>'
