#!/usr/bin/env python3
"""Draws doc/images/fleet.svg from runs of the simulator, and prints the table of doc/fleet.md:

  test/fleet/picture.py build/release/sts-fleet
"""

import json
import pathlib
import subprocess
import sys

INK, PALE = "#1c2128", "#d8dce2"
COLOURS = {"memory": "#b8761f", "files": "#3973c6", "Redis": "#0a7d5a", "as built": "#0a7d5a",
           "without the budget": "#b8761f"}
WIDTH, HEIGHT, LEFT, PANEL, TALL, GAP = 1110, 380, 50, 300, 230, 65
TOP = 80


def run(simulator, scenario, *more):
    done = subprocess.run([simulator, "--scenario", scenario, "--series", *more], check=True, text=True,
                          capture_output=True)
    return json.loads(done.stdout.splitlines()[0])


def by_span(seconds, span, length):
    """Requests a second on average, in each span of a run of this length."""
    seconds = seconds + [0] * (int(length) - len(seconds))
    return [sum(seconds[i:i + span]) / span for i in range(0, int(length), span)]


def text(x, y, content, size=12, anchor="start", weight="normal", colour=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{colour}">{content}</text>')


def panel(left, title, unit, lines, hours):
    """Lines over time; each is a list of values for equal parts of these hours."""
    out = [text(left, TOP - 48, title, 13, weight="bold"), text(left, TOP - 30, unit, 11)]
    most = max(max(values) for values in lines.values()) or 1
    base = TOP + TALL
    out.append(f'<line x1="{left}" y1="{base}" x2="{left + PANEL}" y2="{base}" stroke="{INK}"/>')
    for share in (0.5, 1):
        y = base - TALL * share
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + PANEL}" y2="{y:.1f}" stroke="{PALE}"/>')
        out.append(text(left - 5, y + 4, f"{most * share:,.0f}" if most >= 100 else f"{most * share:.2g}", 10, "end"))
    for index, (name, values) in enumerate(lines.items()):
        points = " ".join(f"{left + PANEL * i / max(1, len(values) - 1):.1f},{base - TALL * v / most:.1f}"
                          for i, v in enumerate(values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.6"/>')
        out.append(text(left + 100 * index, base + 36, name, 11, colour=COLOURS[name], weight="bold"))
    for share in (0, 0.5, 1):
        minutes = hours * 60 * share
        label = f"{minutes / 60:.3g} h" if hours >= 1 else f"{minutes:.3g} min"
        out.append(text(left + PANEL * share, base + 16, label, 10, "middle"))
    return out


def main():
    simulator = sys.argv[1]
    rows = []

    def note(what, figures):
        hours = figures["seconds"] / 3600
        steady = figures["requests"] / figures["seconds"]
        served = figures["all_served"]
        rows.append((what, f'{figures["processes"]:,}', f'{figures["requests"]:,} in {hours:.3g} h', f"{steady:.3g}",
                     f'{figures["peak_a_second"]:,}', "" if served is None else f"{served:,.0f} s",
                     f'{figures["longest_wait"]:.2g} s', f'{figures["callers_failed"]:,}'))
        return figures

    kinds = {"memory": "", "files": "-files", "Redis": "-redis"}
    for name, suffix in kinds.items():
        note(f"steady, {name}", run(simulator, "steady" + suffix))
    deployed = {name: note(f"deployment, {name}", run(simulator, "deployment" + suffix))
                for name, suffix in kinds.items()}
    for name, suffix in (("memory", ""), ("Redis", "-redis")):
        note(f"deployment of 10,000, {name}", run(simulator, "deployment-10000" + suffix))
    for name, suffix in (("memory", ""), ("Redis", "-redis")):
        note(f"power cut, {name}", run(simulator, "power-cut" + suffix))
    quota = {name: note(f"quota of 10 a second, {name}", run(simulator, "quota" + suffix))
             for name, suffix in (("memory", ""), ("Redis", "-redis"))}
    for scenario in ("outage", "long-outage", "silence", "failing-store", "lost-store", "parted-network", "clocks",
                     "laptops", "midnight", "daily-quota", "retry-storm"):
        note(scenario, run(simulator, scenario))
    outage = {"as built": note("busy outage", run(simulator, "busy-outage")),
              "without the budget": note("busy outage, without the budget",
                                         run(simulator, "busy-outage", "--plant", "no-budget", "--unchecked"))}
    note("gateway", run(simulator, "gateway"))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>']
    minutes = 300
    out += panel(LEFT, "A deployment of 1,000 processes at 1 h", "requests a second at the service",
                 {name: by_span(one["per_second"], minutes, one["seconds"]) for name, one in deployed.items()}, 3)
    first = 130  # of the samples each ten seconds
    out += panel(LEFT + PANEL + GAP, "10,000 start at once, quota 10 a second",
                 "processes without a token", {name: one["without"][:first] for name, one in quota.items()}, first / 360)
    out += panel(LEFT + 2 * (PANEL + GAP), "503 from 1 h to 3 h, 100 busy processes",
                 "requests a second at the service",
                 {name: by_span(one["per_second"], minutes, one["seconds"]) for name, one in outage.items()}, 4)
    out.append("</svg>")
    where = pathlib.Path(__file__).resolve().parents[2] / "doc" / "images" / "fleet.svg"
    where.write_text("\n".join(out) + "\n")

    print("| scenario | processes | requests | a second | peak | all have a token after | longest wait | callers with an "
          "error |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


main()
