#!/usr/bin/env bash
# Ours beside what a program has otherwise, in one run: builds all, measures in interleaved rounds, prints medians
# and ratios, writes bench/results/NAME.json and .svg.
#
#   bench/compare.sh [--rounds 7] [--name latest] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."

bench/lab/build.sh
exec python3 bench/lab/compare.py "$@" --build build/bench --results bench/results
