#!/usr/bin/env bash
# Builds the library and runs examples/demo.cpp: exchanges with a mock of the service, over real TLS.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-packages build
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
cmake --preset release "${launcher[@]}" -DEQUINIX_STS_BUILD_TESTS=OFF -DEQUINIX_STS_BUILD_BENCH=OFF \
    -DCMAKE_UNITY_BUILD=ON -B build/demo >/dev/null # several files at once, which takes half the time
cmake --build build/demo --target example_demo
echo
build/demo/examples/example_demo
