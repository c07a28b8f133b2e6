"""The figures as one SVG: CPU an exchange, KB a connection, latency by percentile."""

import math

import hits
import http2
from figures import median

COLOURS = {"ours": "#0a7d5a", "floor": "#8a8f98", "beast": "#3973c6", "libcurl": "#b8761f", "go": "#8a4fb5",
           "by hand, HTTP/1.1": "#8a8f98", "ours, HTTP/1.1": "#9fc9bb", "ours, HTTP/2 of nginx": "#0a7d5a",
           "ours, HTTP/2 of haproxy": "#2f9e78", "ours, HTTP/2 of the mock": "#075c43",
           "mutex": "#8a8f98", "mutexes": "#3973c6", "atomic": "#b8761f"}
INK, PALE = "#1c2128", "#d8dce2"
WIDTH, PANEL, GAP, TOP, BOTTOM = 1110, 320, 40, 64, 70


def text(x, y, content, size=12, anchor="start", weight="normal", colour=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{colour}">{content}</text>')


def bars(left, title, groups, clients, values, unit, top=TOP, panel=PANEL):
    """Groups of bars; `values[client][group]` may be missing."""
    out = [text(left, top - 24, title, 14, weight="bold")]
    height = 250
    base = top + height
    most = max(v for of in values.values() for v in of.values())
    scale = (height - 16) / most
    out.append(f'<line x1="{left}" y1="{base}" x2="{left + panel}" y2="{base}" stroke="{INK}"/>')
    wide = panel / len(groups)
    each = min(26.0, (wide - 14) / len(clients))
    for index, group in enumerate(groups):
        start = left + index * wide + (wide - each * len(clients)) / 2
        for place, client in enumerate(clients):
            value = values[client].get(group)
            if value is None:
                continue
            x, y = start + place * each, base - value * scale
            out.append(f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{each - 2:.1f}" height="{value * scale:.1f}" '
                       f'fill="{COLOURS[client]}"><title>{client}: {value:.1f} {unit}</title></rect>')
            out.append(text(x + each / 2, y - 3, f"{value:.0f}", 9, "middle"))
        out.append(text(left + index * wide + wide / 2, base + 16, group, 11, "middle"))
    return out


def curves(left, title, clients, points):
    """Latency over the percentiles, the rare ones stretched; `points[client]` is a list of (share, us)."""
    out = [text(left, 40, title, 14, weight="bold")]
    height = 250
    base = TOP + height
    ticks = [0.5, 0.9, 0.99, 0.999, 0.9999]

    def across(share):
        return left + PANEL * min(1.0, -math.log10(max(1e-4, 1 - share)) / 4)

    values = [us for of in points.values() for _, us in of if us > 0]
    low, high = math.log10(min(values)), math.log10(max(values))
    low, high = math.floor(low * 2) / 2, math.ceil(high * 2) / 2

    def up(us):
        return base - height * (math.log10(max(us, 10 ** low)) - low) / max(high - low, 0.1)

    for tick in ticks:
        out.append(f'<line x1="{across(tick):.1f}" y1="{TOP}" x2="{across(tick):.1f}" y2="{base}" stroke="{PALE}"/>')
        out.append(text(across(tick), base + 16, f"{tick * 100:g} %", 10, "middle"))
    for decade in range(math.ceil(low), math.floor(high) + 1):
        y = up(10 ** decade)
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + PANEL}" y2="{y:.1f}" stroke="{PALE}"/>')
        label = f"{10 ** decade} µs" if decade < 3 else f"{10 ** (decade - 3)} ms"
        out.append(text(left + 3, y - 3, label, 9, colour="#6b7280"))
    out.append(f'<line x1="{left}" y1="{base}" x2="{left + PANEL}" y2="{base}" stroke="{INK}"/>')
    for client in clients:
        line = " ".join(f"{across(share):.1f},{up(us):.1f}" for share, us in points[client])
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[client]}" '
                   f'stroke-width="{3 if client == "ours" else 1.8}"><title>{client}</title></polyline>')
    return out


def legend(clients, names, y):
    out, x = [], 20
    for client in clients:
        out.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[client]}"/>')
        out.append(text(x + 18, y, names[client], 12, weight="bold" if client == "ours" else "normal"))
        x += 40 + 7 * len(names[client])
    return out


def draw(found, shared, hit, machine):
    clients = list(found)
    scenarios = [s for s in found["ours"] if s.isdigit()]

    def mid(client, scenario, member):
        return median([r[member] for r in found[client][scenario]])

    middle, last = scenarios[len(scenarios) // 2], scenarios[-1]
    cpu = {c: {f"{s} connection{'' if s == '1' else 's'}": mid(c, s, "cpu_us") for s in scenarios} for c in clients}
    memory = {c: {f"{last} connections": mid(c, last, "kb_per_connection")} for c in clients}
    latency = {c: [(share, median([r["latency_us"][i][1] for r in found[c][middle]]))
                   for i, (share, _) in enumerate(found[c][middle][0]["latency_us"])] for c in clients}
    second = TOP + 250 + BOTTOM + 40 # where the second row begins
    third = second + 250 + BOTTOM + 40
    height = third + 250 + BOTTOM if hit else third
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
           f'height="{height}" font-family="system-ui, sans-serif">',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    out += bars(20, "Client CPU, µs an exchange", list(next(iter(cpu.values()))), clients, cpu, "us")
    out += bars(20 + PANEL + GAP, "Memory, KB a connection", [f"{last} connections"], clients, memory, "KB")
    out += curves(20 + 2 * (PANEL + GAP), f"Latency by percentile, {middle} connections", clients, latency)
    out += legend(clients, {"ours": "equinix-sts", "floor": "by hand, no library", "beast": "Beast, as its examples",
                            "libcurl": "libcurl multi", "go": "Go net/http"}, TOP + 250 + 40)
    of = http2.groups(shared)
    rows = list(of)
    out += bars(20, "Client CPU over HTTP/2, µs an exchange", list(next(iter(of.values()))), rows, of, "us", second,
                2 * PANEL + GAP)
    out += legend(rows, {row: row for row in rows}, second + 250 + 40)
    if hit:
        second = third
        source, threads = hits.groups(hit, "source")
        cache, keys = hits.groups(hit, "cache")
        out += bars(20, "A hit of a token source, ns", threads, list(source), source, "ns", second)
        out += bars(20 + PANEL + GAP, "A hit of a token cache, ns, by keys and threads", keys, list(cache), cache, "ns",
                    second, 2 * PANEL + GAP)
        out += legend(hits.NAMES, hits.NAMES, second + 250 + 40)
    out.append(text(20, height - 10, f"{machine['processor']}, {machine['cores']} cores; {machine['openssl']}; "
                    f"{machine['nginx']}", 10, colour="#6b7280"))
    return "\n".join(out + ["</svg>", ""])
