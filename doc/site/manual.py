"""The manual page of the command, by mandoc."""
import re
import subprocess

from site_pages import Found, Heading, Page, Site
from tags import heading, plain


def page(site: Site, file: str) -> Page:
    url = site.urls[file]
    html = subprocess.run(["mandoc", "-T", "html", "-O", "fragment", site.root / file], check=True, capture_output=True,
                          text=True).stdout
    html = re.sub(r'<table class="(?:head|foot)">.*?</table>', "", html, flags=re.S)
    html = re.sub(r' class="(?:Sh|Ss|Pp|Nm|Li|Ar|Cm|Nd|manual-text|Bl-tag|Op|No|Pa|Dq|Sx|Xr|Bd Pp|Bd-indent)"', "", html)
    html = re.sub(r' title="[^"]*"| style="[^"]*"', "", html)
    html = re.sub(r'<a class="Xr"[^>]*>(.*?)</a>', r"\1", html, flags=re.S)
    html = html.replace("<br/>", "")
    headings = []

    def head(found: re.Match) -> str:
        level, anchor, inner = int(found.group(1)) + 1, found.group(2), plain(found.group(3))
        title = inner.capitalize() if inner.isupper() else inner
        headings.append(Heading(level, anchor, title))
        site.found.append(Found(title, "heading", f"{url}#{anchor}", "sts-token"))
        return heading(level, anchor, title)
    html = re.sub(r'<h([12])\s+id="([^"]*)">(.*?)</h\1>', head, html, flags=re.S)

    def term(found: re.Match) -> str:
        anchor, inner = found.group(1), found.group(2)
        for option in re.findall(r'<code class="Fl">(-[^<]*)</code>', inner):
            site.found.append(Found(option, "option", f"{url}#{anchor}", "sts-token"))
        for variable in re.findall(r'<code class="Ev">([^<]*)</code>', inner):
            site.found.append(Found(variable, "variable", f"{url}#{anchor}", "sts-token"))
        return found.group(0)
    html = re.sub(r'<dt[^>]*\bid="([^"]*)"[^>]*>(.*?)</dt>', term, html, flags=re.S)
    title = "The command sts-token"
    headings.insert(0, Heading(1, "top", title))
    site.found.append(Found(title, "page", url))
    return Page(url, title, "Running it", file, f"<h1>{title}</h1>\n<div class=\"manual\">{html}</div>", headings=headings)
