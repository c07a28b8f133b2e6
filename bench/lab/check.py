"""Measures what the design promises, and fails where it is missed by more than the noise. See check.sh."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from compare import progress
from figures import median, noise, ratios
from runs import Runner, cores
from server import Server


class Goals:
    def __init__(self):
        self.rows = []
        self.behind = 0

    def judge(self, name, values, goal, unit="×", at_least=False):
        """`values` of each round; their median is held against the goal, with the noise to its credit."""
        if not values:
            self.rows.append((name, "", "", "", "not measured"))
            return
        middle, by = median(values), noise(values)
        short = goal - middle if at_least else middle - goal
        verdict = "met" if short <= 0 else "within the noise" if short <= by else "BEHIND"
        self.behind += verdict == "BEHIND"
        sign = "≥" if at_least else "≤"
        self.rows.append((name, f"{sign} {goal:g} {unit}", f"{middle:.3g} {unit}", f"± {by:.2g}", verdict))

    def show(self):
        head = ("goal", "limit", "measured", "noise", "")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(5)]
        for row in [head, *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def exchanges(goals, run, free, rounds):
    plans = {
        **{f"{c} {n}": (run, c, {"connections": n, "exchanges": x}) for n, x in
           ((1, 15000), (64, 40000), (1024, 40000)) for c in ("floor", "ours")},
        **{f"{c} 64": (run, c, {"exchanges": 40000}) for c in ("beast", "libcurl", "go") if run.has(c)},
        "safe 64": (run, "ours", {"exchanges": 40000, "more": ["--thread-safe"]}),
        "ours 4096": (run, "ours", {"connections": 4096, "exchanges": 60000}),
        "alone": (free, "ours", {"exchanges": 40000, "more": ["--thread-safe"]}),
        "shared": (free, "ours", {"exchanges": 40000, "more": ["--threads", "2", "--shared-client"]}),
        **{f"{c} {kind}": (run, c, {"mode": "handshake", "connections": 16, "exchanges": 1500,
                                    "resumed": kind == "resumed"})
           for kind in ("full", "resumed") for c in ("floor", "ours")},
    }
    found = {name: [] for name in plans}
    for number in range(rounds):
        for name, (how, client, what) in plans.items():
            progress(f"round {number + 1} of {rounds}: {name}")
            found[name].append(how(client, **what))
    progress("")

    def cpu(name):
        return [one["cpu_us"] for one in found.get(name, [])]

    def of(a, b):
        return ratios(cpu(a), cpu(b))

    goals.judge("1 connection, to the floor", of("ours 1", "floor 1"), 1.15)
    goals.judge("64 connections, to the floor", of("ours 64", "floor 64"), 1.12)
    goals.judge("1,024 connections, to the floor", of("ours 1024", "floor 1024"), 1.18)
    for peer, times in (("beast", 1.7), ("libcurl", 2.4), ("go", 4)):
        goals.judge(f"64 connections, less than {peer}", of(f"{peer} 64", "ours 64"), times, at_least=True)
    goals.judge("thread_safe on, to off", of("safe 64", "ours 64"), 1.10)
    goals.judge("two threads on one client, to one", of("shared", "alone"), 1.15)
    goals.judge("4,096 connections, to 1,024", of("ours 4096", "ours 1024"), 1.3)
    goals.judge("a resumed handshake, to a full one", of("ours resumed", "ours full"), 0.5)
    goals.judge("a full handshake, to the floor", of("ours full", "floor full"), 1.08)
    goals.judge("a resumed handshake, to the floor", of("ours resumed", "floor resumed"), 1.08)
    goals.judge("memory of an idle connection", [one["kb_per_connection"] for one in found["ours 1024"]], 30, "KB")
    goals.judge("allocations beside OpenSSL's and the token's two",
                [a["allocations"] - b["allocations"] - 2 for a, b in zip(found["ours 64"], found["floor 64"])],
                0.1, "")


def system_calls(goals, run):
    """Of 64 connections; what opens them cancels out between two runs of different length."""
    if shutil.which("strace") is None:
        goals.judge("system calls of an exchange, 64 connections", [], 0)
        return
    progress("system calls")

    def total(exchanges, path):
        run("ours", exchanges=exchanges, under=["strace", "-f", "-c", "-U", "calls,name", "-o", path])
        with open(path) as file:
            rows = [line.split() for line in file]
        return sum(int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit() and row[1] != "total")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls")
        few, many = 4000, 24000
        each = (total(many, path) - total(few, path)) / (many - few)
    progress("")
    goals.judge("system calls of an exchange, 64 connections", [each], 2.2, "")


def tokens(goals, build, rounds):
    program = os.path.join(build, "bench", "micro")
    if not os.access(program, os.X_OK):
        goals.judge("peek and get", [], 0)
        return
    progress("tokens")
    done = subprocess.run([program, "--benchmark_filter=^(peek|get|cache)", f"--benchmark_repetitions={rounds}",
                           "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1",
                           "--benchmark_format=json"], capture_output=True, text=True, check=True)
    progress("")
    times, bytes_of_a_key = {}, 0
    for one in json.loads(done.stdout)["benchmarks"]:
        if one["run_type"] == "iteration":
            # The time of several threads is told as a share of each: a thread's own is so many times that.
            threads = one.get("threads", 1)
            times.setdefault(one["run_name"], []).append(one["real_time"] * threads)

            bytes_of_a_key = one.get("bytes_of_a_key", bytes_of_a_key)

    def at(name, threads):
        return times[f"{name}/real_time/threads:{threads}"]

    goals.judge("peek()", at("peek", 1), 25, "ns")
    goals.judge("co_await get()", at("get", 1), 50, "ns")
    goals.judge("peek() on two threads, to one", ratios(at("peek", 2), at("peek", 1)), 1.25)
    goals.judge("get() on two threads, to one", ratios(at("get", 2), at("get", 1)), 1.25)
    goals.judge("peek() of a source with a token store, to one without",
                ratios(at("peek_sharing", 1), at("peek", 1)), 1.05)
    goals.judge("get() of a source with a token store, to one without",
                ratios(at("get_sharing", 1), at("get", 1)), 1.05)
    goals.judge("peek(), to a mutex", ratios(at("peek", 1), at("peek_mutex", 1)), 0.6)
    goals.judge("peek() on two threads, to a mutex", ratios(at("peek", 2), at("peek_mutex", 2)), 0.35)
    goals.judge("cache: memory of a key beside token and request", [bytes_of_a_key], 400, "bytes")
    goals.judge("cache: a hit, 1,000 keys", at("cache_peek/1000", 1), 90, "ns")
    goals.judge("cache: the same on two threads, to one",
                ratios(at("cache_peek/1000", 2), at("cache_peek/1000", 1)), 1.15)
    goals.judge("cache: hits a second on two threads, to one",
                [2 * of for of in ratios(at("cache_peek/1000", 1), at("cache_peek/1000", 2))], 1.8, at_least=True)
    goals.judge("cache: a hit, 100,000 keys at random", at("cache_peek/100000", 1), 400, "ns")
    goals.judge("cache: a hit, 1,000 keys, to a mutex with a map and a list",
                ratios(at("cache_peek/1000", 1), at("cache_mutex/1000", 1)), 1)
    goals.judge("cache: the same on two threads",
                ratios(at("cache_peek/1000", 2), at("cache_mutex/1000", 2)), 0.5)
    goals.judge("cache: the same to 16 of them, on two threads",
                ratios(at("cache_peek/1000", 2), at("cache_mutexes/1000", 2)), 1)


def start(goals, build, rounds):
    tool = os.path.join(build, "sts-token")

    def ms(*words):
        begun = time.perf_counter()
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        return (time.perf_counter() - begun) * 1e3

    ms(tool, "--version")
    goals.judge("sts-token --version", [ms(tool, "--version") for _ in range(max(rounds, 20))], 10, "ms")
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "sts-token")
        shutil.copy(tool, stripped)
        subprocess.run(["strip", stripped], check=True)
        goals.judge("sts-token, stripped", [os.path.getsize(stripped) / 1e6], 2.3, "MB")


def main():
    ask = argparse.ArgumentParser(prog="bench/check.sh", description=__doc__)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--build", required=True, help=argparse.SUPPRESS)
    options = ask.parse_args()
    server_core, client_core = cores()
    goals = Goals()
    server = Server(server_core)
    try:
        exchanges(goals, Runner(options.build, server, client_core), Runner(options.build, server, None),
                  options.rounds)
        system_calls(goals, Runner(options.build, server, client_core))
    finally:
        server.stop()
    tokens(goals, options.build, options.rounds)
    start(goals, options.build, options.rounds)
    goals.show()
    if goals.behind:
        sys.exit(f"{goals.behind} goals missed by more than the noise.")


if __name__ == "__main__":
    main()
