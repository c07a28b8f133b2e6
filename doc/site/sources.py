"""The pages that show a file: examples, headers, and the sources of the other pages."""
import posixpath
import re
from html import escape
from typing import Callable

import cpp
import plain_code
from doxygen import Entry
from site_pages import Found, Heading, Page, Site
from tags import heading, marked_code, name_link


def places_of(site: Site) -> dict[str, dict[tuple[int, str], Entry]]:
    """For each header, the names that it declares."""
    found: dict[str, dict[tuple[int, str], Entry]] = {}
    for entry in site.names.all():
        if entry.file and entry.url:
            found.setdefault(entry.file, {})[entry.line, entry.name] = entry
    return found


def scope_in(site: Site, file: str, code: str) -> Callable[[int], str]:
    """Tells the class or namespace of a line of a header."""
    spaces = re.findall(r"^namespace equinix::sts(?:::(\w+))? \{", code, re.M)
    nested = next((space for space in spaces if space), "")
    classes = [one for one in site.names.all()
               if one.file == file and one.kind in ("class", "struct", "enum") and one.end]

    def at(line: int) -> str:
        around = [one for one in classes if one.line <= line <= one.end]
        return max(around, key=lambda one: one.line).path if around else nested
    return at


def numbered(lines: list[str]) -> str:
    if lines and not lines[-1]:
        lines = lines[:-1]
    return "".join(f'<span class="line" id="L{number}"><a href="#L{number}" aria-label="Line {number}">{number}</a>'
                   f"{line}\n</span>" for number, line in enumerate(lines, 1))


def shown(file: str, html: str) -> str:
    language = plain_code.language_of(file)
    return (f'<figure class="code whole"><pre tabindex="0" data-language="{language}" data-file="{file}">'
            f"<code>{html}</code></pre></figure>")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class Sources:
    def __init__(self, site: Site, headers: dict[str, str]):
        self.site, self.headers = site, headers
        self.places = places_of(site)

    def lines(self, file: str, url: str) -> list[str]:
        """The highlighted lines; notes the names that an example uses."""
        code, to = self.site.read(file), self.site.link_from(url)
        language = plain_code.language_of(file)
        if language != "cpp":
            return plain_code.highlight(code, language).split("\n")
        if file.startswith("include/"):
            scope = scope_in(self.site, file, code)
            return cpp.highlight(self.site.names, code, to, self.headers, scope, places=self.places.get(file))[0]
        lines, tokens = cpp.highlight(self.site.names, code, to, self.headers)
        if re.fullmatch(r"examples/(?:\w+|quick_start/\w+)\.cpp", file):
            for token in tokens:
                if token.target is not None:
                    uses = self.site.examples.setdefault(token.target.path, [])
                    if (file, token.line) not in uses:
                        uses.append((file, token.line))
        return lines

    def file(self, file: str, section: str) -> Page:
        """The text of a file, with a number for each line."""
        url = self.site.source_url(file)
        title, said = posixpath.basename(file), ""
        if file.startswith("include/"):
            title = file.removeprefix("include/")
            said = f"<p>{marked_code(self.site.brief_of(file))}</p>\n"
            self.site.found.append(Found(title, "header", url))
        path = f'<p class="path"><code>{escape(posixpath.dirname(file) or ".")}/</code></p>'
        body = f"<h1>{escape(title)}</h1>\n{path}\n{said}{shown(file, numbered(self.lines(file, url)))}"
        return Page(url, title, section, file, body, kind="source")

    def example(self, file: str, about: str) -> Page:
        """An example, with the names of the library that it uses."""
        site, url = self.site, self.site.urls[file]
        name = posixpath.basename(file).removesuffix(".cpp")
        lines = self.lines(file, url)
        used = [site.names.by_path[path][0] for path, places in sorted(site.examples.items())
                if any(place == file for place, _ in places)]
        links = " · ".join(name_link(site.link_from(url), one) for one in used if one.kind != "namespace")
        title = re.sub(r"^\d+ ", "", name.replace("_", " "))
        site.found.append(Found(f"{name}.cpp", "example", url, about))
        body = (f'<h1>{capital(title)}</h1>\n<p class="lead">{marked_code(capital(about))}</p>\n'
                f'<p class="path"><code>{file}</code>, {len(site.read(file).splitlines())} lines</p>\n'
                f'{shown(file, numbered(lines))}\n'
                f'<h2 id="names">Names of the library in it</h2>\n<p class="names">{links}</p>')
        return Page(url, name.replace("_", " "), "Examples", file, body, kind="example")

    def folder(self, folder: str, about: str) -> Page:
        """A folder of the examples, with all of its files."""
        url, title = self.site.urls[folder], posixpath.basename(folder).replace("_", " ")
        parts, headings = [f'<h1>{capital(title)}</h1>\n<p class="lead">{escape(capital(about))}</p>'], []
        files = [file for file in self.site.files if file.startswith(folder + "/")]
        for file in sorted(files, key=lambda one: one.endswith(".sh")):
            name = posixpath.basename(file)
            anchor = name.replace(".", "-").lower()
            headings.append(Heading(2, anchor, name))
            code = "\n".join(self.lines(file, url)).rstrip("\n") + "\n"
            parts.append(heading(2, anchor, name) + "\n" + shown(file, code))
        return Page(url, title, "Examples", "", "\n".join(parts), headings=headings, kind="example")

    def openapi(self, file: str) -> Page:
        """The document, with a list of its paths and components."""
        url, code = self.site.urls[file], self.site.read(file)
        title, about = "The service, as this client expects it", "The service (OpenAPI)"
        headings, section = [], ""
        for number, line in enumerate(code.split("\n"), 1):
            if top := re.match(r"(\w+):", line):
                section = top.group(1)
                headings.append(Heading(2, f"L{number}", section))
            elif inner := re.match({"paths": "  ", "components": "    "}.get(section, r"\b") + r"([\w/]+):", line):
                headings.append(Heading(3, f"L{number}", inner.group(1)))
                self.site.found.append(Found(inner.group(1), "heading", f"{url}#L{number}", about))
        lead = "An OpenAPI document. The tests run a mock on it, which checks every request that the client sends."
        html = shown(file, numbered(plain_code.highlight(code, "yaml").split("\n")))
        body = f'<h1>{title}</h1>\n<p class="lead">{lead}</p>\n{html}'
        return Page(url, title, "Behaviour", file, body, headings=headings)
