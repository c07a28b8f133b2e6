"""The indexes of the reference: by header, which follows the table by purpose, and by name."""
from html import escape

from doxygen import Entry
from reference import word_of
from site_pages import Found, Page, Site
from tags import marked_code, name_link, table


def by_header(site: Site, headers: dict[str, str], url: str) -> str:
    to, rows = site.link_from(url), []
    for header, target in sorted(headers.items()):
        names = [one for one in site.names.all() if one.file == "include/" + header and one.kind != "value"
                 and (one.owner is None or one.owner.kind in ("namespace", "macros"))]
        if not names:
            continue
        said = marked_code(site.brief_of("include/" + header))
        links = ", ".join(name_link(to, site.names.by_path[path][0]) for path in dict.fromkeys(one.path for one in names))
        rows.append((f'<a href="{to(target)}"><code>{header.removeprefix("equinix/")}</code></a>', f"{said}<br>{links}"))
    return '<h2 id="by-header">By header</h2>\n' + table(("header", "contents"), rows)


def by_name(site: Site) -> Page:
    url = "reference/names.html"
    to = site.link_from(url)
    groups: dict[str, list[str]] = {}

    def order(entry: Entry) -> tuple[str, str]:
        return entry.name.lower(), entry.path
    named = [entries[0] for path, entries in site.names.by_path.items() if path and entries[0].kind != "macros"]
    for one in sorted(named, key=order):
        scope = f' <span class="of">{escape(one.scope)}</span>' if one.scope else ""
        link = name_link(to, one, one.name)
        groups.setdefault(one.name[0].upper(), []).append(
            f'<li>{link}{scope} <span class="kind">{word_of(one)}</span></li>')
    letters = " ".join(f'<a href="#{letter}">{letter}</a>' for letter in groups)
    parts = [f'<h1>All names</h1>\n<p class="letters">{letters}</p>']
    parts += [f'<h2 id="{letter}">{letter}</h2>\n<ul class="names">{"".join(items)}</ul>'
              for letter, items in groups.items()]
    site.found.append(Found("All names", "page", url))
    return Page(url, "All names", "Reference", "", "\n".join(parts), kind="names")
