"""HTTP/2 beside HTTP/1.1: with as many exchanges in flight, on the same machine, in interleaved rounds."""

from figures import median, quartiles, ratios
from runs import HTTP2

FLIGHTS = {1: 10000, 64: 30000, 1024: 30000}

# What is measured: how it is called, who, and the server; None is our own mock, which answers a batch in one write.
# nginx answers at once, or, where it forwards the request, when it has read the body.
ROWS = [
    ("by hand, HTTP/1.1", "floor", "nginx"),
    ("ours, HTTP/1.1", "ours", "nginx"),
    ("ours, HTTP/2 of nginx", "ours" + HTTP2, "nginx"),
    ("ours, HTTP/2 of haproxy", "ours" + HTTP2, "haproxy"),
    ("ours, HTTP/2 of the mock", "ours" + HTTP2, None),
    ("ours, HTTP/2, body read", "ours" + HTTP2, "read"),
    ("libcurl, HTTP/2, body read", "libcurl" + HTTP2, "read"),
    ("Go, HTTP/2, body read", "go" + HTTP2, "read"),
]
COLD = "64 tokens from nothing"


def measure(run, server, rounds, quick):
    """{row: {exchanges in flight: [what each round printed]}}"""
    urls = {"nginx": server.url, "read": server.read_url, "haproxy": server.haproxy_url}
    found = {name: {} for name, _, _ in ROWS}
    found[COLD] = {"1.1": [], "2": []}
    for _ in range(rounds):
        for flight, count in FLIGHTS.items():
            count = count // 10 if quick else count
            for name, client, where in ROWS:
                if not run.has(client):
                    continue
                got = run.alone(client, flight, count) if where is None else \
                    run(client, connections=flight, exchanges=count, url=urls[where])
                found[name].setdefault(str(flight), []).append(got)
        for http in ("1.1", "2"):
            found[COLD][http].append(run.alone("ours" + (HTTP2 if http == "2" else ""), 64, 640 if quick else 3200,
                                               mode="cold"))
    return {name: by for name, by in found.items() if by}


def table(found):
    flights = [str(f) for f in FLIGHTS]
    base = found[ROWS[0][0]]
    lines = ["", "| CPU µs an exchange by how many are in flight; to the first row | " +
             " | ".join(f"{f} in flight | to it" for f in flights) + " | allocations | KB an exchange |",
             "| --- |" + " ---: |" * (2 * len(flights) + 2)]
    for name, by in found.items():
        if name == COLD:
            continue
        cells = []
        for flight in flights:
            values = [one["cpu_us"] for one in by[flight]]
            of = ratios(values, [one["cpu_us"] for one in base[flight]])
            low, high = quartiles(of)
            cells += [f"{median(values):.1f}", f"{median(of):.2f} ({low:.2f}–{high:.2f})"]
        middle = by[flights[len(flights) // 2]]
        cells.append(f"{median([one['allocations'] for one in middle]):.1f}")
        memory = [one.get("kb_per_exchange") or 0 for one in middle]
        cells.append(f"{median(memory):.1f}" if any(memory) else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    cold = found[COLD]
    cpu = ratios([one["cpu_us"] for one in cold["2"]], [one["cpu_us"] for one in cold["1.1"]])
    wall = ratios([one["p50_us"] for one in cold["2"]], [one["p50_us"] for one in cold["1.1"]])
    lines += ["", f"{COLD}, HTTP/2 to HTTP/1.1: CPU {median(cpu):.2f}, time until a token {median(wall):.2f}.", ""]
    return lines


def groups(found):
    """For the picture: {row: {flight: µs}}."""
    return {name: {f"{flight} in flight": median([one["cpu_us"] for one in all]) for flight, all in by.items()}
            for name, by in found.items() if name != COLD and "body" not in name}
