"""Runs one client against the server, on a core of its own, and reads what it prints."""

import json
import os
import subprocess
import sys


class Runner:
    def __init__(self, build, server, core):
        self.build = build
        self.server = server
        self.core = core

    def has(self, client):
        return os.access(self.program(client), os.X_OK)

    def program(self, client):
        name = "sts-bench" if client == "ours" else "peer-" + client
        return os.path.join(self.build, "bench", name)

    def __call__(self, client, mode="exchange", connections=64, exchanges=60000, resumed=True, more=(), under=()):
        """`under`: a command that runs it."""
        words = ["taskset", "-c", str(self.core)] if self.core is not None else []
        words += [*under, self.program(client), "--url", self.server.url if resumed else self.server.full_url,
                  "--ca-file", self.server.ca_file, "--scope", "roleassignments:1",
                  "--subject-token-file", self.server.subject_token_file, "--mode", mode,
                  "--connections", str(connections), "--exchanges", str(exchanges)]
        if client == "ours":
            words += ["--json", "-", *more]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{client} failed: {done.stderr.strip()}\n{' '.join(words)}")
        return json.loads(done.stdout)


def cores():
    """One for the server, one for the clients; the same where there is only one."""
    have = sorted(os.sched_getaffinity(0))
    return have[0], have[-1]
