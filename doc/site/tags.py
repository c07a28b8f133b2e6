"""Pieces of HTML that several pages have."""
import re
from html import escape, unescape
from typing import Callable

from doxygen import Entry


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def broken(name: str) -> str:
    """With the places where a long name may go on in the next line."""
    return re.sub(r"(_|::)(?=\w)", r"\1<wbr>", escape(name))


def name_link(to: Callable[[str], str], entry: Entry, said: str = "") -> str:
    return f'<a class="r" href="{to(entry.url)}"><code>{escape(said or entry.label)}</code></a>'


def heading(level: int, anchor: str, inner: str, more: str = "") -> str:
    said = escape(plain(inner), quote=True)
    sign = f'<a class="anchor" href="#{anchor}" aria-label="Link to {said}">#</a>'
    return f'<h{level} id="{anchor}"{more}>{inner} {sign}</h{level}>'


def table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "\n".join(f"<tr><td>{first}</td><td>{second}</td></tr>" for first, second in rows)
    return ('<div class="scroll" tabindex="0"><table class="overview">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def marked_code(text: str) -> str:
    """A plain text in which code is between backquotes."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
