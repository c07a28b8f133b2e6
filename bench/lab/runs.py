"""Runs one client against the server, on a core of its own, and reads what it prints."""

import json
import os
import subprocess
import sys

HTTP2 = " h2"  # behind the name of a client that speaks it


class Runner:
    def __init__(self, build, server, core):
        self.build = build
        self.server = server
        self.core = core

    def has(self, client):
        return os.access(self.program(client), os.X_OK)

    def program(self, client):
        client = client.removesuffix(HTTP2)
        name = "sts-bench" if client == "ours" else "peer-" + client
        return os.path.join(self.build, "bench", name)

    def __call__(self, client, mode="exchange", connections=64, exchanges=60000, resumed=True, more=(), under=(),
                 url=None):
        """`under`: a command that runs it. `connections`: over HTTP/2, the exchanges in flight."""
        http = "2" if client.endswith(HTTP2) else "1.1"
        words = ["taskset", "-c", str(self.core)] if self.core is not None else []
        words += [*under, self.program(client), "--url", url or (self.server.url if resumed else self.server.full_url),
                  "--ca-file", self.server.ca_file, "--scope", "roleassignments:1",
                  "--subject-token-file", self.server.subject_token_file, "--mode", mode,
                  "--http", http, "--exchanges", str(exchanges)]
        ours = client.removesuffix(HTTP2) == "ours"
        words += ["--concurrency" if ours and http == "2" else "--connections", str(connections)]
        if ours:
            words += ["--json", "-", *more]
        return self.read(client, words)

    def alone(self, client, flight, exchanges, mode="exchange"):
        """Our harness with its own mock, which is a process of its own: both run where the system has them run."""
        http = "2" if client.endswith(HTTP2) else "1.1"
        words = [self.program(client), "--scope", "roleassignments:1", "--mode", mode, "--http", http,
                 "--concurrency", str(flight), "--exchanges", str(exchanges), "--json", "-"]
        return self.read(client, words)

    def read(self, client, words):
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{client} failed: {done.stderr.strip()}\n{' '.join(words)}")
        return json.loads(done.stdout)


def cores():
    """One for the server, one for the clients; the same where there is only one."""
    have = sorted(os.sched_getaffinity(0))
    return have[0], have[-1]
