"""The facts below an entry of the reference: parameters, errors, threads, where it is used and told."""
import re
from html import escape

import cpp
from comment import Comment, Reader
from doxygen import Entry
from site_pages import Site
from tags import name_link, plain

ORDER = ["Parameters", "Returns", "Errors", "Cancellation", "Thread-safety", "Lifetime", "Fork"]
LIKE = re.compile(r"(?:\b[Aa]s|\blike) (<code><a [^>]*>[^<]*</a></code>)(?= does|,|\.|$)")
SHOWN = 4  # examples; more are folded


def lower(html: str) -> str:
    return html[:1].lower() + html[1:]


class Facts:
    """For the entries of one page, whose own comment is `whole`. `fails`: that comment says how its functions fail."""

    def __init__(self, site: Site, headers: dict[str, str], url: str, whole: Comment, fails: bool):
        self.site, self.names, self.headers = site, site.names, headers
        self.whole, self.fails = whole, fails
        self.to = site.link_from(url)

    def code(self, entry: Entry, text: str, own: str = "") -> str:
        context = entry.path if entry.kind in ("class", "struct") else entry.scope
        lines, _ = cpp.highlight(self.names, text, self.to, self.headers, lambda _: context, own)
        return "\n".join(lines)

    def brief(self, entry: Entry) -> str:
        return Reader(self.names, self.to).read(entry).brief

    def list(self, entry: Entry, said: Comment, of_page: bool = False) -> str:
        rows = {label: "<br>".join(lines) for label, lines in said.facts.items()}
        if entry.declaration.endswith("= delete;"):
            rows = {}
        elif entry.kind == "function":
            self.of_function(rows, entry, said)
        for label in ("Thread-safety", "Cancellation") if of_page else ():
            if label in rows:
                rows[label] = f'<span id="{label.lower()}">{rows[label]}</span>'
        rows = {label: rows[label] for label in [*ORDER, *rows] if rows.get(label)}
        rows["Source"] = ", ".join(said.sources)
        if entry.file and not of_page:
            rows["Declared"] = self.place(entry)
        rows["Examples"] = self.used(entry)
        rows["Told in"] = ", ".join(f'<a href="{self.to(url)}">{escape(title)}</a>'
                                    for url, title in self.site.told_in(entry))
        listed = "".join(f"<dt>{label}</dt><dd>{html}</dd>" for label, html in rows.items() if html)
        return f'<dl class="facts">{listed}</dl>' if listed else ""

    def of_function(self, rows: dict[str, str], entry: Entry, said: Comment) -> None:
        """Adds what the declaration tells, and what another comment tells to which this one points."""
        rows["Parameters"] = self.parameters(entry, said)
        constructor = entry.name == entry.owner.name
        behind = entry.declaration.rpartition(")")[2]
        result = "" if constructor else re.sub(r"^(?:friend |virtual )+", "", entry.type)
        if result and result != "void":
            more = rows.get("Returns", "")
            rows["Returns"] = f"<code>{self.code(entry, result)}</code>" + (f": {lower(more)}" if more else "")
        like = LIKE.search(" ".join([said.brief, *said.rest]))
        if "noexcept" in behind:
            rows.setdefault("Errors", "Never fails.")
        if like:
            where = ", in the result" if "result<" in result else ""
            rows.setdefault("Errors", f"As for {like.group(1)}{where}.")
            if "awaitable<" in result:
                rows.setdefault("Cancellation", f"As for {like.group(1)}.")
        for base in entry.owner.bases:
            if "override" in behind and (same := self.names.lookup(f"{base}::{entry.name}")) is not None:
                rows["Implements"] = name_link(self.to, same)
        whole = f"for the whole {entry.owner.kind}"
        if self.fails and "const" not in behind:
            rows.setdefault("Errors", f'As <a href="#errors">{whole}</a>.')
        if self.whole.facts.get("Cancellation") and "awaitable<" in result:
            rows.setdefault("Cancellation", f'As <a href="#cancellation">{whole}</a>.')
        if self.whole.facts.get("Thread-safety") and not constructor:
            rows.setdefault("Thread-safety", f'As <a href="#thread-safety">{whole}</a>.')

    def place(self, entry: Entry) -> str:
        header = entry.file.removeprefix("include/")
        return (f'<a href="{self.to(self.headers[header])}#L{entry.line}">'
                f'{header.removeprefix("equinix/sts/")}:{entry.line}</a>')

    def parameters(self, entry: Entry, said: Comment) -> str:
        """What the comment says of each; of one of the library's types otherwise what that is."""
        listed = []
        for p in entry.params:
            if not p.name:
                continue
            kind = self.names.type_in(p.type, entry.scope)
            told = said.params.get(p.name, "")
            if not told and kind is not None and kind is not entry.owner and kind.path not in ("secret", "result"):
                brief = plain(self.brief(kind)).rstrip(".")
                told = name_link(self.to, kind, kind.name) + (f": {escape(lower(brief))}" if len(brief) <= 90 else "")
            elif not told:
                told = f"<code>{escape(p.type)}</code>"
            default = f"; default <code>{escape(p.default)}</code>" if p.default else ""
            listed.append(f"<div><code>{escape(p.name)}</code>: {told.rstrip('.')}{default}.</div>")
        return "".join(listed)

    def used(self, entry: Entry) -> str:
        """The first line of each example that uses the name."""
        places: dict[str, int] = {}
        for file, line in self.site.examples.get(entry.path, []):
            places.setdefault(file, line)
        links = []
        for file in sorted(places, key=lambda file: (file == "examples/demo.cpp", file)):
            name = file.removeprefix("examples/").removesuffix(".cpp")
            links.append(f'<a href="{self.to(self.site.urls[file])}#L{places[file]}">{name}:{places[file]}</a>')
        if len(links) <= SHOWN + 1:
            return ", ".join(links)
        return (f"{', '.join(links[:SHOWN])} <details><summary>and {len(links) - SHOWN} more</summary>, "
                f"{', '.join(links[SHOWN:])}</details>")
