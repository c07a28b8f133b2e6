"""Ours and what a program has otherwise, interleaved, on the same server. See compare.sh."""

import argparse
import json
import os
import sys
import time

import hits
import http2
from figures import median, quartiles, ratios
from machine import describe
from picture import draw
from runs import Runner, cores
from server import Server

CLIENTS = ["floor", "ours", "beast", "libcurl", "go"]
EXCHANGES = {1: 15000, 64: 40000, 1024: 40000}


def progress(text):
    if sys.stderr.isatty():
        print("\r\x1b[K" + text, end="", file=sys.stderr, flush=True)


def measure(run, clients, rounds, exchanges, handshakes):
    """{client: {scenario: [what each round printed]}}"""
    found = {client: {} for client in clients}

    def keep(client, scenario, **what):
        progress(f"round {number + 1} of {rounds}: {client}, {scenario}")
        found[client].setdefault(scenario, []).append(run(client, **what))

    for number in range(rounds):
        for connections, count in exchanges.items():
            for client in clients:
                keep(client, str(connections), connections=connections, exchanges=count)
        for client in ("floor", "ours"):
            keep(client, "handshake", mode="handshake", connections=16, exchanges=handshakes, resumed=False)
            keep(client, "resumption", mode="handshake", connections=16, exchanges=handshakes)
    progress("")
    return found


def table(found, rounds):
    """Lines for people: medians, and ours as a ratio to each peer, pair by pair, with the quartiles."""
    clients = list(found)
    lines = ["| | " + " | ".join(clients) + " | " +
             " | ".join(f"ours / {c}" for c in clients if c != "ours") + " |",
             "| --- |" + " ---: |" * (2 * len(clients) - 1)]

    def row(name, scenario, member, digits=1, spread=True):
        values = {c: [r[member] for r in found[c][scenario]] for c in clients if scenario in found[c]}
        cells = [f"{median(values[c]):.{digits}f}" if c in values else "" for c in clients]
        for client in clients:
            if client == "ours":
                continue
            if client not in values or median(values[client]) == 0:
                cells.append("")
                continue
            of = ratios(values["ours"], values[client])
            low, high = quartiles(of)
            cells.append(f"{median(of):.2f}" + (f" ({low:.2f}–{high:.2f})" if spread else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")

    scenarios = [s for s in found["ours"] if s.isdigit()]
    for scenario in scenarios:
        row(f"CPU µs an exchange, {scenario} connection{'' if scenario == '1' else 's'}", scenario, "cpu_us")
    row("CPU µs a full handshake and exchange", "handshake", "cpu_us")
    row("CPU µs a resumed handshake and exchange", "resumption", "cpu_us")
    last = scenarios[-1]
    row(f"KB a connection, {last} open and used", last, "kb_per_connection")
    middle = scenarios[len(scenarios) // 2]
    row(f"allocations an exchange, {middle} connections", middle, "allocations", spread=False)
    row(f"latency µs, p50, {middle} connections", middle, "p50_us", 0)
    row(f"latency µs, p99, {middle} connections", middle, "p99_us", 0)
    lines.append("")
    lines.append(f"Medians of {rounds} interleaved rounds; the ratios are of each round's pair: their median "
                 "and quartiles.")
    return lines


def main():
    ask = argparse.ArgumentParser(prog="bench/compare.sh", description=__doc__)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--name", default="latest", help="of the files in bench/results (default: latest)")
    ask.add_argument("--quick", action="store_true", help="two short rounds, to see whether all works")
    ask.add_argument("--build", required=True, help=argparse.SUPPRESS)
    ask.add_argument("--results", required=True, help=argparse.SUPPRESS)
    options = ask.parse_args()
    rounds = 2 if options.quick else options.rounds
    exchanges = {c: n // 10 if options.quick else n for c, n in EXCHANGES.items()}

    server_core, client_core = cores()
    server = Server(server_core)
    try:
        run = Runner(options.build, server, client_core)
        clients = [c for c in CLIENTS if run.has(c)]
        found = measure(run, clients, rounds, exchanges, 300 if options.quick else 1500)
        server.start_haproxy(server_core)
        shared = http2.measure(run, server, rounds, options.quick)
    finally:
        server.stop()

    progress("hits")
    hit = hits.measure(options.build, rounds, options.quick)
    progress("")

    machine = describe()
    lines = table(found, rounds) + http2.table(shared) + hits.table(hit)
    print("\n".join(lines))
    missing = [c for c in CLIENTS if c not in clients]
    if missing:
        print("Not measured because a build dependency is missing: " + ", ".join(missing))
    os.makedirs(options.results, exist_ok=True)
    path = os.path.join(options.results, options.name)
    with open(path + ".json", "w") as file:
        json.dump({"when": time.strftime("%Y-%m-%d"), "command": "bench/compare.sh " + " ".join(sys.argv[1:-4]),
                   "machine": machine, "table": lines, "rounds": found, "http2": shared, "hits": hit}, file, indent=1)
        file.write("\n")
    with open(path + ".svg", "w") as file:
        file.write(draw(found, shared, hit, machine))
    print(f"Written: bench/results/{options.name}.json and .svg")


if __name__ == "__main__":
    main()
