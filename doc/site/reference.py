"""The reference: a page for each class, struct, enumeration and namespace."""
import re
from html import escape

from comment import Comment, Reader
from doxygen import ROOT, Entry
from facts import Facts
from site_pages import Found, Heading, Page, Site
from tags import heading, name_link, plain, table

GROUPS = [("typedef", "Aliases"), ("constructor", "Constructors"), ("function", "Functions"), ("variable", "Members"),
          ("value", "Values"), ("define", "Macros")]
WORDS = {"typedef": "type", "variable": "member", "define": "macro", "enum": "enumeration", "macros": ""}
FAILS = re.compile(r"\bthrows?\b|\bFailures\b")


def word_of(entry: Entry) -> str:
    if entry.kind == "variable" and entry.owner is not None and entry.owner.kind == "namespace":
        return "constant"
    return WORDS.get(entry.kind, entry.kind)


class Reference:
    def __init__(self, site: Site, headers: dict[str, str]):
        self.site, self.names, self.headers = site, site.names, headers
        self.found: set[str] = set()

    def page(self, entry: Entry) -> Page:
        self.reader = Reader(self.names, self.site.link_from(entry.url))
        whole = self.reader.read(entry) if entry.id else Comment()
        fails = next((block for block in whole.rest if entry.kind == "class" and FAILS.search(block)), None)
        self.facts = Facts(self.site, self.headers, entry.url, whole, fails is not None)
        self.headings: list[Heading] = []
        parts = self.head(entry)
        parts.append(f'<p class="lead">{whole.brief}</p>' if whole.brief else "")
        parts += [block.replace("<p>", '<p id="errors">', 1) if block is fails else block for block in whole.rest]
        if entry.bases:
            parts.append("<p>Base: " + ", ".join(f"<code>{escape(base)}</code>" for base in entry.bases) + "</p>")
        parts.append(self.facts.list(entry, whole, of_page=True))
        groups = self.groups(entry)
        if entry.kind != "enum" and sum(len(group) for _, group in groups) > 3:
            parts.append(self.overview(groups))
        parts += self.types(entry)
        for title, group in groups:
            parts.append(self.group_head(title))
            parts += [self.values(group)] if title == "Values" else [self.member(one) for one in group]
        return Page(entry.url, self.title(entry).removeprefix("equinix::"), "Reference", entry.file,
                    "\n".join(filter(None, parts)), entry.line, self.headings, kind="entry", word=entry.kind)

    def title(self, entry: Entry) -> str:
        if entry.kind == "namespace":
            return f"{ROOT}::{entry.path}" if entry.path else ROOT
        return "Macros" if entry.kind == "macros" else entry.path

    def head(self, entry: Entry) -> list[str]:
        title, word = self.title(entry), word_of(entry)
        self.find(entry, word or "page", plain(self.facts.whole.brief))
        if not word:
            return [f"<h1>{title}</h1>"]
        parts = [f'<h1 data-name="{escape(entry.label)}"><code>{escape(title)}</code> '
                 f'<span class="kind">{word}</span></h1>']
        if entry.file:
            header = entry.file.removeprefix("include/")
            target = f"{self.facts.to(self.headers[header])}#L{entry.line}"
            parts.append(f'<p class="path"><code>#include &lt;<a href="{target}">{header}</a>&gt;</code>, '
                         f"in namespace <code>{self.namespace_of(entry)}</code></p>")
        return parts

    def namespace_of(self, entry: Entry) -> str:
        scope = entry.scope
        while scope and self.names.compounds[scope].kind != "namespace":
            scope = scope.rpartition("::")[0]
        return f"{ROOT}::{scope}" if scope else ROOT

    def find(self, entry: Entry, word: str, brief: str = "") -> None:
        """Adds the name to the search, once for all overloads."""
        if entry.path not in self.found:
            self.found.add(entry.path)
            self.site.found.append(Found(entry.label, word, entry.url, brief))

    def groups(self, entry: Entry) -> list[tuple[str, list[Entry]]]:
        def group_of(one: Entry) -> str:
            return "constructor" if one.kind == "function" and one.name == entry.name else one.kind
        found = []
        for kind, title in GROUPS:
            group = [one for one in entry.members if group_of(one) == kind]
            if group:
                found.append(("Constants" if kind == "variable" and entry.kind == "namespace" else title, group))
        return found

    def group_head(self, title: str) -> str:
        anchor = title.lower() + "-list"
        self.headings.append(Heading(2, anchor, title))
        return f'<h2 id="{anchor}">{title}</h2>'

    def types(self, entry: Entry) -> list[str]:
        """The types within a class or namespace, which have pages of their own."""
        within = [one for one in self.names.compounds.values()
                  if one.kind in ("class", "struct", "enum") and one.scope == entry.path and entry.kind != "macros"]
        if not within:
            return []
        rows = [(name_link(self.facts.to, one, one.name), self.facts.brief(one))
                for one in sorted(within, key=lambda one: one.name)]
        return [self.group_head("Types"), table(("type", "what"), rows)]

    def overview(self, groups: list[tuple[str, list[Entry]]]) -> str:
        first: dict[str, Entry] = {}
        for _, group in groups:
            for one in group:
                first.setdefault(one.name, one)
        rows = [(name_link(self.facts.to, one, one.name), self.facts.brief(one)) for one in first.values()]
        return table(("name", "what"), rows)

    def values(self, group: list[Entry]) -> str:
        rows = []
        for one in group:
            said, used = self.reader.read(one), self.facts.used(one)
            examples = f'<div class="uses">Examples: {used}</div>' if used else ""
            rows.append((f'<code id="{one.anchor}" data-name="{one.label}">{one.name}</code>',
                         " ".join([said.brief, *said.rest]) + examples))
            self.headings.append(Heading(3, one.anchor, one.name))
            self.find(one, "value", plain(said.brief))
        return table(("value", "meaning"), rows)

    def member(self, entry: Entry) -> str:
        said = self.reader.read(entry)
        first = entry is self.names.by_path[entry.path][0]
        if first:
            self.find(entry, word_of(entry), plain(said.brief))
            self.headings.append(Heading(3, entry.anchor, entry.name))
        for name in sorted(said.variables):
            self.site.find_capitals(name, entry.url, entry.called)
        data = f' data-name="{escape(entry.label)}"' if first else ""
        code = self.facts.code(entry, entry.declaration, entry.name)
        parts = ['<section class="entry">', heading(3, entry.anchor, f"<code>{escape(entry.name)}</code>", data),
                 f'<pre class="declaration" tabindex="0"><code>{code}</code></pre>',
                 f"<p>{said.brief}</p>" if said.brief else "", *said.rest, self.facts.list(entry, said), "</section>"]
        return "\n".join(filter(None, parts))
