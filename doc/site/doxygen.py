"""Reads doxygen's XML: every public name, with its comment and its declaration."""
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

ROOT = "equinix::sts"
TYPES = ("class", "struct", "enum", "typedef")


@dataclass
class Param:
    name: str
    type: str
    default: str


@dataclass
class Entry:
    """One public name. Overloads are an entry each; the second has the anchor `name-2`."""
    kind: str  # class, struct, enum, value, function, variable, typedef, define or namespace
    name: str
    path: str  # below equinix::sts, as in "client::exchange"; "" is that namespace itself
    id: str
    node: ET.Element
    file: str = ""
    line: int = 0
    end: int = 0
    url: str = ""
    anchor: str = ""
    type: str = ""
    declaration: str = ""
    params: list[Param] = field(default_factory=list)
    members: list["Entry"] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    owner: "Entry | None" = None

    @property
    def label(self) -> str:
        return self.path or ROOT

    @property
    def scope(self) -> str:
        return self.path.rpartition("::")[0]

    @property
    def called(self) -> str:
        """The label, with parentheses for a function."""
        return self.label + ("()" if self.kind == "function" else "")

    @property
    def documented(self) -> bool:
        return any("".join(part.itertext()).strip() for part in
                   (self.node.find("briefdescription"), self.node.find("detaileddescription")) if part is not None)


def text(node: ET.Element | None) -> str:
    return re.sub(r"\s+", " ", "".join(node.itertext())).strip() if node is not None else ""


def tidy(code: str) -> str:
    """Spaces as the sources have them."""
    code = re.sub(r"\s*([<>])\s*", lambda m: m.group(1), code)
    code = re.sub(r">(?=\w)", "> ", re.sub(r"\s+([&*]+)", r"\1", code))
    return re.sub(r"([&*])(?=\w)", r"\1 ", code)


def below_root(name: str) -> str:
    return "" if name == ROOT else name.removeprefix(ROOT + "::")


def parameters(node: ET.Element) -> list[Param]:
    found = [Param(text(p.find("declname")), tidy(text(p.find("type"))), tidy(text(p.find("defval"))))
             for p in node.findall("param")]
    return [p for p in found if p.type or p.name]


def template_of(node: ET.Element) -> str:
    listed = []
    for p in node.iterfind("templateparamlist/param"):
        default = text(p.find("defval"))
        listed.append(f"{text(p.find('type'))} {text(p.find('declname'))}".strip() + (f" = {default}" if default else ""))
    return f"template <{', '.join(listed)}>\n" if listed else ""


def declaration_of(node: ET.Element, params: list[Param]) -> str:
    kind, name = node.get("kind"), text(node.find("name"))
    result, arguments = tidy(text(node.find("type"))), text(node.find("argsstring"))
    initial = tidy(text(node.find("initializer")))
    if kind == "define":
        return f"#define {name} {text(node.find('initializer'))}".rstrip()
    if kind == "typedef":
        return template_of(node) + f"using {name} = {result}{arguments};"
    if kind == "enum":
        return f"enum {'class ' if node.get('strong') == 'yes' else ''}{name};"
    words = [template_of(node)]
    if kind == "friend" or "friend " in text(node.find("definition")):
        result = "friend " + result.removeprefix("friend ")
    if node.get("static") == "yes":
        words.append("static ")
    if node.get("explicit") == "yes":
        words.append("explicit ")
    if node.get("virt") in ("virtual", "pure-virtual"):
        result = "virtual " + result.removeprefix("virtual ")
    result = re.sub(r"\b(static|inline|explicit) ", "", result)
    head = "".join(words) + result.rstrip() + (" " if result.strip() else "") + name
    if kind == "variable":
        initial = re.sub(r"^=\s*", "= ", initial)
        return head + arguments + (initial if initial.startswith("{") else f" {initial}" if initial else "") + ";"
    tail = re.sub(r"\s*=\s*(0|default|delete)$", r" = \1", arguments[arguments.rfind(")") + 1:])
    listed = [" ".join(filter(None, (p.type, p.name))) + (f" = {p.default}" if p.default else "") for p in params]
    line = f"{head}({', '.join(listed)}){tail};"
    if len(line) > 92 and len(listed) > 1:
        line = f"{head}(\n    " + ",\n    ".join(listed) + f"){tail};"
    return line


def anchor_of(name: str) -> str:
    signs = {"==": "equal", "<<": "print", "()": "call", "*": "star", "->": "arrow", "!": "not", "=": "assign"}
    if name.startswith("operator"):
        sign = name.removeprefix("operator").strip()
        return "operator-" + signs.get(sign, re.sub(r"\W+", "-", sign).strip("-"))
    return name.replace("~", "destroy-")


def member_of(node: ET.Element, scope: str) -> Entry:
    kind = node.get("kind")
    name, place = text(node.find("name")), node.find("location")
    entry = Entry("function" if kind == "friend" else kind, name,
                  name if kind == "define" else "::".join(filter(None, (scope, name))), node.get("id"), node)
    entry.file, entry.line = "include/" + place.get("file"), int(place.get("line"))
    entry.end = int(place.get("bodyend") or 0)
    entry.type = tidy(text(node.find("type")))
    entry.params = parameters(node)
    entry.declaration = declaration_of(node, entry.params)
    for value in node.findall("enumvalue"):
        called = text(value.find("name"))
        entry.members.append(Entry("value", called, f"{entry.path}::{called}", value.get("id"), value,
                                   entry.file, entry.line, owner=entry, type=entry.path))
    return entry


def read(folder: Path) -> list[Entry]:
    """Returns the types and namespaces, with their members."""
    found: dict[str, Entry] = {}
    macros = Entry("macros", "macros", "macros", "", ET.Element("none"), url="reference/macros.html")
    for file in sorted(folder.glob("*.xml")):
        for node in ET.parse(file).getroot().findall("compounddef"):
            kind, name = node.get("kind"), text(node.find("compoundname"))
            if kind == "file":
                for define in node.iterfind("sectiondef[@kind='define']/memberdef"):
                    macros.members.append(member_of(define, ""))
            if kind not in ("class", "struct", "namespace") or not name.startswith(ROOT) or node.get("prot") == "private":
                continue
            path = below_root(name)
            entry = Entry(kind, path.rpartition("::")[2] or "sts", path, node.get("id"), node)
            place = node.find("location")
            if kind != "namespace":
                entry.file, entry.line = "include/" + place.get("file"), int(place.get("line"))
                entry.end = int(place.get("bodyend") or 0)
                entry.declaration = f"{kind} {entry.name};"
            entry.bases = [below_root(text(base)) for base in node.findall("basecompoundref")]
            for member in node.iterfind("sectiondef/memberdef"):
                if member.get("prot") != "private":
                    entry.members.append(member_of(member, path))
            entry.members.sort(key=lambda one: (one.file, one.line))
            found[path] = entry
    macros.members = [one for one in macros.members if one.documented]
    for path in list(found):
        nested_in_private = "::" in path and path.rpartition("::")[0] not in found
        if nested_in_private:
            del found[path]
    for entry in list(found.values()):  # an enumeration has a page of its own
        entry.members = [one for one in entry.members if one.documented]
        for one in entry.members:
            if one.kind == "enum":
                found[one.path] = one
    found["macros"] = macros
    for entry in found.values():
        place_members(entry)
    return list(found.values())


def place_members(entry: Entry) -> None:
    """Gives the entry its page, and each member its anchor there."""
    if not entry.url:
        entry.url = f"reference/{entry.path.replace('::', '.') or 'sts'}.html"
    taken: dict[str, int] = {}
    for one in entry.members:
        one.owner = entry
        base = anchor_of(one.name)
        taken[base] = taken.get(base, 0) + 1
        one.anchor = base if taken[base] == 1 else f"{base}-{taken[base]}"
        if one.kind != "enum":
            one.url = f"{entry.url}#{one.anchor}"
