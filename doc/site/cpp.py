"""Highlights C++, and links the names of the library in it. It follows the types of variables and of calls as far as
the examples need that: what it cannot tell stays without a link."""
import re
from dataclasses import dataclass
from html import escape
from typing import Callable

from doxygen import TYPES, Entry
from names import Names

KEYWORDS = set("""
alignas auto bool break case catch char class co_await co_return co_yield const constexpr continue default delete
do double else enum explicit extern false final float for friend if inline int long mutable namespace new noexcept
nullptr operator override private protected public return short signed sizeof static static_cast struct switch template
this throw true try typedef typename union unsigned using virtual void volatile while requires concept""".split())
# What these return is about the same type.
PASSING = {"value", "get", "front", "back", "at", "find", "second", "first", "lock"}
SCAN = re.compile(r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<directive>^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*)
|(?P<string>R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')|(?P<number>\b\d[\w']*(?:\.\d[\w']*)?)
|(?P<name>[A-Za-z_]\w*)|(?P<space>\s+)|(?P<sign>::|->|.)""", re.S | re.M | re.X)


@dataclass
class Token:
    kind: str
    text: str
    line: int
    target: Entry | None = None


def scan(code: str) -> list[Token]:
    tokens, line = [], 1
    for found in SCAN.finditer(code):
        kind = found.lastgroup
        if kind == "name" and found.group() in KEYWORDS:
            kind = "keyword"
        tokens.append(Token(kind, found.group(), line))
        line += found.group().count("\n")
    return tokens


class Linker:
    """Gives the tokens their targets. `scope_at` tells the class or namespace of a line within a header; without it,
    names of the library must begin with `sts::`."""

    def __init__(self, names: Names, tokens: list[Token], scope_at: Callable[[int], str] | None = None, own: str = ""):
        self.names, self.scope_at, self.own = names, scope_at, own
        self.code = [t for t in tokens if t.kind not in ("comment", "space", "directive")]
        self.types: dict[str, Entry] = {}
        self.aliases: dict[str, str] = {}
        self.closing: dict[int, int] = {}
        opened = []
        for at, token in enumerate(self.code):
            if token.text in ("(", "[", "{"):
                opened.append(at)
            elif token.text in (")", "]", "}") and opened:
                self.closing[opened.pop()] = at
        self.walk(0, len(self.code))

    def is_(self, at: int, *texts: str) -> bool:
        return 0 <= at < len(self.code) and self.code[at].text in texts

    def kind(self, at: int) -> str:
        return self.code[at].kind if 0 <= at < len(self.code) else ""

    def walk(self, at: int, end: int) -> Entry | None:
        """Links all in this range; returns the type of the last expression."""
        last = None
        while at < end:
            if self.is_(at, "auto"):
                at, last = self.variable(at + 1, end)
            elif self.is_(at, "using") and self.kind(at + 1) == "name":
                at = self.alias(at + 1)
            elif self.kind(at) == "name":
                at, last = self.name(at, end)
            elif self.is_(at, "(") and at in self.closing:
                inner = self.walk(at + 1, self.closing[at])
                at, last = self.after(self.closing[at] + 1, end, inner)
                last = last or inner
            else:
                at += 1
        return last

    def variable(self, at: int, end: int) -> tuple[int, Entry | None]:
        while self.is_(at, "const", "&", "*"):
            at += 1
        if self.kind(at) != "name" or not self.is_(at + 1, "=", ":"):
            return at, None
        called, at = self.code[at].text, at + 2
        self.types.pop(called, None)
        while self.is_(at, "co_await", "*", "&"):
            at += 1
        kind = None
        if self.kind(at) == "name":
            at, kind = self.name(at, end)
        if kind is not None:
            self.types[called] = kind
        return at, None

    def alias(self, at: int) -> int:
        path, next_at = self.path(at)
        if self.is_(next_at, ";") and len(path) > 1:
            entry = self.resolve(path, at)
            if entry is not None:
                self.aliases[path[-1]] = entry.path
        return max(next_at, at + 1)

    def path(self, at: int) -> tuple[list[str], int]:
        parts = [self.code[at].text]
        while self.is_(at + 1, "::") and self.kind(at + 2) == "name":
            at += 2
            parts.append(self.code[at].text)
        return parts, at + 1

    def resolve(self, path: list[str], at: int) -> Entry | None:
        """Links each part of a qualified name that is known; returns what the whole is, if that is known."""
        context, prefix, first = "", [], 0
        if path[0] == "equinix" and path[1:2] == ["sts"]:
            first = 2
        elif path[0] == "sts" and len(path) > 1:
            first = 1
        elif path[0] in self.aliases:
            prefix, first = self.aliases[path[0]].split("::"), 1
            self.code[at].target = self.names.lookup(self.aliases[path[0]])
        elif self.scope_at is not None:
            context = self.scope_at(self.code[at].line)
            known = self.names.lookup(path[0], context)
            if known is None or len(path) == 1 and (known.kind not in TYPES or self.declares(at)):
                return None
        else:
            return None
        entry = self.code[at].target if prefix else None
        for count in range(first + 1, len(path) + 1):
            entry = self.names.lookup("::".join(prefix + path[first:count]), context)
            if entry is None:
                return None
            self.code[at + 2 * (count - 1)].target = entry
        return entry

    def declares(self, at: int) -> bool:
        """Whether the name is declared at this place: a type is in front of it, as in `sts::scope scope;`."""
        if self.is_(at - 1, ".") or self.code[at].text == self.own and self.is_(at + 1, "(", ";", "="):
            return True
        before = at - 1
        while self.is_(before, "&", "*", "const"):
            before -= 1
        typed = self.kind(before) == "name" or self.is_(before, ">", "bool", "auto")
        return typed and self.is_(at + 1, ";", ",", ")", "=", "{", "(")

    def name(self, at: int, end: int) -> tuple[int, Entry | None]:
        path, next_at = self.path(at)
        local = self.types.get(path[0]) if len(path) == 1 else None
        if local is not None and not (self.kind(next_at) == "name" or self.is_(next_at, "::")):
            return self.after(next_at, end, local)
        entry = self.resolve(path, at)
        if entry is None:
            return self.after(next_at, end, None)
        kind = self.names.type_of(entry)
        if entry.kind in TYPES:
            declared = next_at
            while self.is_(declared, ">", "const", "&", "*"):
                declared += 1
            if self.kind(declared) == "name" and not self.is_(declared + 1, "::") and kind is not None:
                self.types[self.code[declared].text] = kind
                return declared + 1, None
            if not self.is_(next_at, "(", "{"):
                return next_at, None
        elif entry.kind not in ("function", "variable", "value"):
            return next_at, None
        return self.after(next_at, end, kind)

    def after(self, at: int, end: int, kind: Entry | None) -> tuple[int, Entry | None]:
        """The calls and members behind an expression of this type."""
        while at < end:
            if self.is_(at, "(", "[", "{") and at in self.closing:
                if self.is_(at, "{") and kind is None:
                    break
                self.walk(at + 1, self.closing[at])
                at = self.closing[at] + 1
            elif self.is_(at, ".", "->") and self.kind(at + 1) == "name":
                name = self.code[at + 1].text
                member = self.names.member(kind, name) if kind is not None else None
                if member is None and kind is not None and name == "error":
                    kind = self.names.lookup("error_info")
                elif member is not None:
                    self.code[at + 1].target = member
                    kind = self.names.type_of(member)
                elif name not in PASSING:
                    kind = None
                at += 2
            else:
                break
        return at, kind


def spans(kind: str, text: str, target: Entry | None, to: Callable[[str], str]) -> str:
    marks = {"comment": "c", "string": "s", "number": "n", "keyword": "k", "directive": "d"}
    inner = escape(text, quote=False)
    if target is not None:
        return f'<a class="r" href="{to(target.url)}">{inner}</a>'
    return f'<span class="{marks[kind]}">{inner}</span>' if kind in marks else inner


def comment(names: Names, text: str, context: str | None, to: Callable[[str], str]) -> str:
    """A comment, with links for the names in backquotes."""
    def one(found: re.Match) -> str:
        before = text[:found.start()].rstrip("/ \n") + " "
        entry = names.in_text(found.group(1), before, context)
        return f'`<a class="r" href="{to(entry.url)}">{escape(found.group(1))}</a>`' if entry else escape(found.group())
    parts, last = [], 0
    for found in re.finditer(r"`([^`]+)`", text):
        parts += [escape(text[last:found.start()]), one(found)]
        last = found.end()
    return f'<span class="c">{"".join(parts)}{escape(text[last:])}</span>'


def include(names_of_headers: dict[str, str], text: str, to: Callable[[str], str]) -> str:
    found = re.fullmatch(r'(\s*#\s*include\s*)([<"])([^>"]+)([>"])', text)
    url = names_of_headers.get(found.group(3)) if found else None
    if not url:
        return spans("directive", text, None, to)
    return (f'<span class="d">{escape(found.group(1))}</span>{escape(found.group(2))}<a class="r" href="{to(url)}">'
            f'{escape(found.group(3))}</a>{escape(found.group(4))}')


def highlight(names: Names, code: str, to: Callable[[str], str], headers: dict[str, str],
              scope_at: Callable[[int], str] | None = None, own: str = "",
              places: dict[tuple[int, str], Entry] | None = None) -> tuple[list[str], list[Token]]:
    """Returns HTML for each line, and the tokens. `places` has the names that a header declares, by line and name."""
    tokens = scan(code)
    Linker(names, tokens, scope_at, own)
    lines = [""]
    for token in tokens:
        if places and (token.line, token.text) in places:
            token.target = places[token.line, token.text]
        for number, piece in enumerate(token.text.split("\n")):
            if number:
                lines.append("")
            if not piece:
                continue
            if token.kind == "comment" and "`" in piece:
                context = scope_at(token.line + 1) if scope_at is not None else None
                lines[-1] += comment(names, piece, context, to)
            elif token.kind == "directive":
                lines[-1] += include(headers, piece, to)
            else:
                lines[-1] += spans(token.kind, piece, token.target, to)
    return lines, tokens
