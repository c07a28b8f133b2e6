"""Doc comments: doxygen's XML to HTML, with what is said about errors, cancellation and threads set apart."""
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html import escape
from typing import Callable

from doxygen import Entry
from names import Names
from tags import plain

LABELS = "Cancellation|Thread-safety|Lifetime|Fork"
LABELLED = re.compile(rf"(?:^|(?<=[.)] ))({LABELS})(?:, [a-z]+ and [a-z]+)?: ")
ERRORS = re.compile(r"(?:^|(?<=[.)] ))((?:(?:Fails|Throws) |Never fails\.)(?:[^.<]|\.(?! )|<[^>]*>)*(?:\.(?= |$)|$)\s*)")
RETURNS = re.compile(r"(?:^|(?<=[.)] ))(Returns (?:[^.<]|\.(?! )|<[^>]*>)*(?:\.(?= |$)|$)\s*)")
RFC = re.compile(r"RFC \d+(?: section [\d.]*\d)?")


@dataclass
class Comment:
    brief: str = ""
    rest: list[str] = field(default_factory=list)  # blocks of HTML
    facts: dict[str, list[str]] = field(default_factory=dict)  # by label
    params: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)  # of the environment


class Reader:
    def __init__(self, names: Names, to: Callable[[str], str]):
        self.names, self.to = names, to

    def read(self, entry: Entry) -> Comment:
        self.entry, self.comment = entry, Comment()
        self.context = entry.path if entry.kind in ("class", "struct", "namespace", "enum") else entry.scope
        self.hidden = frozenset(p.name for p in entry.params)
        brief = entry.node.find("briefdescription")
        self.comment.brief = self.facts_of(self.inline(brief), brief=True) if brief is not None else ""
        detail = entry.node.find("detaileddescription")
        for block in detail if detail is not None else []:
            self.block(block)
        said = plain(" ".join([self.comment.brief, *self.comment.rest, *sum(self.comment.facts.values(), [])]))
        self.comment.sources = list(dict.fromkeys(RFC.findall(re.sub(r"\s+", " ", said))))
        self.comment.variables = set(re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b", said))
        return self.comment

    def block(self, node: ET.Element) -> None:
        """A paragraph, which may hold lists and the like."""
        pieces, rest = [escape(node.text or "")], self.comment.rest
        for child in node:
            if child.tag in ("parameterlist", "simplesect", "itemizedlist", "orderedlist", "verbatim"):
                self.paragraph("".join(pieces))
                pieces = []
                if child.tag == "parameterlist":
                    self.listed(child)
                elif child.tag == "simplesect":
                    label = {"return": "Returns", "see": "See also"}.get(child.get("kind"), child.get("kind").capitalize())
                    self.fact(label, self.inline(child))
                elif child.tag == "verbatim":
                    rest.append(f"<pre><code>{escape(child.text or '')}</code></pre>")
                else:
                    tag = "ul" if child.tag == "itemizedlist" else "ol"
                    items = "".join(f"<li>{self.inline(item)}</li>" for item in child)
                    rest.append(f"<{tag}>{items}</{tag}>")
            else:
                pieces.append(self.element(child, "".join(pieces)))
            pieces.append(escape(child.tail or ""))
        self.paragraph("".join(pieces))

    def paragraph(self, html: str) -> None:
        html = re.sub(r"\s+", " ", html).strip()
        html = self.facts_of(html, brief=False) if html else ""
        if html:
            self.comment.rest.append(f"<p>{html}</p>")

    def fact(self, label: str, html: str) -> None:
        html = html.strip()
        if html:
            self.comment.facts.setdefault(label, []).append(html[0].upper() + html[1:])

    def listed(self, node: ET.Element) -> None:
        for item in node.findall("parameteritem"):
            name = self.inline(item.find("parameternamelist/parametername"))
            said = self.inline(item.find("parameterdescription"))
            if node.get("kind") == "exception":
                name = name if plain(name) == "as" else f"<code>{name}</code>"
                if "<a " not in name and (entry := self.names.lookup(plain(name))) is not None:
                    name = f'<code><a class="r" href="{self.to(entry.url)}">{plain(name)}</a></code>'
                self.fact("Errors", re.sub(r"(?<!\w)std::bad_alloc", "<code>std::bad_alloc</code>", f"{name} {said}"))
            else:
                self.comment.params[plain(name)] = said

    def facts_of(self, html: str, brief: bool) -> str:
        """Sets apart what the text says about errors and the like; returns the rest."""
        parts = LABELLED.split(html)
        for label, said in zip(parts[1::2], parts[2::2]):
            self.fact(label, said)
        html = parts[0]
        if self.entry.kind == "function":
            for found in ERRORS.findall(html):
                self.fact("Errors", found)
            html = ERRORS.sub("", html)
            if re.search(r"(?:^|\. )Thread-safe\.", html):
                self.fact("Thread-safety", "any thread may call it at any time.")
                html = re.sub(r"(?:^|(?<=\. ))Thread-safe\.\s*", "", html)
            if not brief and not html.startswith("<ul"):
                for found in RETURNS.findall(html):
                    self.fact("Returns", found.removeprefix("Returns ").strip())
                html = RETURNS.sub("", html)
        return html.strip()

    def inline(self, node: ET.Element) -> str:
        pieces = [escape(node.text or "")]
        for child in node:
            pieces.append(self.element(child, "".join(pieces)))
            pieces.append(escape(child.tail or ""))
        return re.sub(r"\s+", " ", "".join(pieces)).strip()

    def element(self, node: ET.Element, before: str) -> str:
        if node.tag == "computeroutput":
            return self.code("".join(node.itertext()), before)
        if node.tag == "ref":
            entry = self.names.by_id.get(node.get("refid"))
            said = "".join(node.itertext())
            return self.link(entry, said) if entry is not None and entry is not self.entry else escape(said)
        if node.tag == "emphasis":
            return f"<em>{self.inline(node)}</em>"
        if node.tag == "bold":
            return f"<strong>{self.inline(node)}</strong>"
        if node.tag == "ulink":
            return escape("".join(node.itertext()))
        return {"ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’"}.get(node.tag) or self.inline(node)

    def link(self, entry: Entry, said: str) -> str:
        return f'<a class="r" href="{self.to(entry.url)}">{escape(said)}</a>'

    def code(self, said: str, before: str) -> str:
        if re.search(r"(?<!</a>)</code>(?:,| or| and) $", before) and said.islower() and said.isalpha():
            return f"<code>{said}</code>"  # one of several words of another format
        entry = self.names.in_text(said, re.sub(r"</?code>|</?a[^>]*>", "", before), self.context, self.hidden)
        if entry is not None and entry.kind == "namespace" and entry.path == "":
            entry = None
        inner = self.link(entry, said) if entry is not None and entry is not self.entry else escape(said)
        return f"<code>{inner}</code>"
