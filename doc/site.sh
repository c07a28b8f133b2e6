#!/usr/bin/env bash
# Writes the documentation as a static site into build/site: open build/site/index.html, which needs no server. Fails if
# a public name has no comment.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install-packages docs
mkdir -p build/reference
doxygen doc/Doxyfile
python3 -B doc/site/build.py . build/reference/xml build/site
echo "build/site/index.html"
