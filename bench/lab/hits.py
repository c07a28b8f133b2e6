"""What a hit costs, of a token source and of a token cache, by threads and by keys."""

import json
import os
import subprocess

from figures import median

SOURCE = {"peek": "ours", "peek_mutex": "mutex", "peek_atomic": "atomic"}
CACHE = {"cache_peek": "ours", "cache_mutex": "mutex", "cache_mutexes": "mutexes"}
NAMES = {"ours": "equinix-sts", "mutex": "a mutex", "mutexes": "16 mutexes", "atomic": "atomic shared_ptr"}


def measure(build, rounds, quick=False):
    """[(what, client, keys, threads, ns of each round)]; the time is that of the thread which has the hit."""
    program = os.path.join(build, "bench", "micro")
    if not os.access(program, os.X_OK):
        return []
    names = "|".join([*SOURCE, *CACHE])
    done = subprocess.run([program, f"--benchmark_filter=^({names})/", f"--benchmark_repetitions={rounds}",
                           "--benchmark_enable_random_interleaving=true",
                           f"--benchmark_min_time={0.01 if quick else 0.1}", "--benchmark_format=json"],
                          capture_output=True, text=True, check=True)
    found = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one["run_type"] != "iteration":
            continue
        parts = one["run_name"].split("/")
        what, client = ("cache", CACHE[parts[0]]) if parts[0] in CACHE else ("source", SOURCE[parts[0]])
        keys = int(parts[1]) if what == "cache" else 1
        # The time of several threads is told as a share of each.
        found.setdefault((what, client, keys, one["threads"]), []).append(one["real_time"] * one["threads"])
    return [(*where, times) for where, times in found.items()]


def groups(hits, what):
    """{client: {name of a group: median}}, and the groups in order."""
    named, order = {}, []
    for kind, client, keys, threads, times in sorted(hits, key=lambda one: one[2:4]):
        if kind != what:
            continue
        name = f"{threads} thread{'s' if threads > 1 else ''}"
        if what == "cache":
            name = f"{keys:,} key{'s' if keys > 1 else ''}, {threads}"
        if name not in order:
            order.append(name)
        named.setdefault(client, {})[name] = median(times)
    return {client: named[client] for client in NAMES if client in named}, order


def table(hits):
    lines = []
    for what, title in (("source", "ns a hit of a token source"), ("cache", "ns a hit of a token cache; threads")):
        named, order = groups(hits, what)
        if not named:
            continue
        lines += ["", f"| {title} | " + " | ".join(order) + " |", "| --- |" + " ---: |" * len(order)]
        for client, values in named.items():
            lines.append(f"| {NAMES[client]} | " + " | ".join(f"{values[one]:.0f}" for one in order) + " |")
    return lines
