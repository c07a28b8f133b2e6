#!/usr/bin/env bash
# Builds the library and runs its tests: test/run.sh [PRESET [OPTION...]]. The preset is one of CMakePresets.json, by
# default gcc; the options go to cmake.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-gcc}
.ci/install-packages build test
launcher=()
if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_SLOPPINESS=pch_defines,time_macros
fi
cmake --preset "$preset" "${launcher[@]}" -DEQUINIX_STS_BUILD_TESTS=ON "${@:2}" >/dev/null
cmake --build --preset "$preset"
export ASAN_OPTIONS=detect_stack_use_after_return=1:${ASAN_OPTIONS:-} # for the preset asan
ctest --test-dir "build/$preset" --no-tests=error --output-on-failure -j $((2 * $(nproc))) # many tests mostly wait
