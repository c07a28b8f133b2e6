#!/usr/bin/env bash
# Holds what is measured here and now against the goals, and fails where one is missed by more than the noise. Not
# a test: run it on a quiet machine before a release, and when a hot path has changed.
#
#   bench/check.sh [--rounds 7]
set -euo pipefail
cd "$(dirname "$0")/.."

bench/lab/build.sh
exec python3 bench/lab/check.py "$@" --build build/bench
