#!/usr/bin/env bash
# Builds the harness, the peers and the micro benches in build/bench.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-packages build bench
cmake --preset release -B build/bench -DEQUINIX_STS_BUILD_TESTS=OFF -DEQUINIX_STS_BUILD_EXAMPLES=OFF >/dev/null
cmake --build build/bench >/dev/null
if command -v go >/dev/null; then
    (cd bench/peers/go && go build -o ../../../build/bench/bench/peer-go main.go)
fi
