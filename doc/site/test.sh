#!/usr/bin/env bash
# Builds the site and tests it in a headless Chromium: each page, each link, each copied piece of code, the search, both
# colour schemes. Saves pictures in build/site-test.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-packages site
.ci/install-npm doc/site
doc/site.sh
mkdir -p build/site-test
node doc/site/test.mjs "$PWD" "$PWD/build/site" "$PWD/build/site-test"
