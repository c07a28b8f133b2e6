#!/usr/bin/env bash
# Runs the interoperability tests and prints, of each server, its version and how its cases ended. Which servers a
# case is for is what its needs() in the source says; one that needs two counts for both.
#
#     test/interop/report.sh [build folder, by default build/gcc]
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin:/usr/local/sbin # as find_program does

build=${1:-build/gcc}
results=$(mktemp)
trap 'rm -f "$results"' EXIT
failed=0
ctest --test-dir "$build" -R '^interop/' -j "$(nproc)" --output-junit "$results" >&2 || failed=$?

version() {
    case $1 in
        nginx | haproxy | tinyproxy | squid | nft)
            command -v "$1" >/dev/null || return 0
            "$1" -v 2>&1 | grep -o '[0-9][0-9.]*[0-9][^ ]*' | sed q
            ;;
        nghttpd) ! command -v nghttpd >/dev/null || nghttpd --version | grep -o '[0-9][0-9.]*$' ;;
        node) ! command -v node >/dev/null || node --version | tr -d v ;;
        *) sed -n 's/^ *"version": "\(.*\)",*$/\1/p' "test/interop/npm/node_modules/$1/package.json" 2>&- || true ;;
    esac
}

# Lines "server outcome", one for each case and server, and "total outcome" for each case.
outcomes() {
    awk '
        FNR == 1 { suite = ""; declared = "" }
        match($0, /^BOOST_(AUTO|FIXTURE)_TEST_SUITE\(/) { suite = substr($0, RLENGTH + 1); sub(/[,)].*/, "", suite) }
        match($0, /^BOOST_(AUTO|FIXTURE)_TEST_CASE\(/) { declared = " " }
        declared != "" {
            declared = declared $0
            if ($0 !~ /\{$/) next
            name = declared
            sub(/^[^(]*\(/, "", name)
            sub(/[,)].*/, "", name)
            if (match(declared, /needs\(\{[^}]*\}/)) {
                list = substr(declared, RSTART + 7, RLENGTH - 8)
                gsub(/[", ]+/, " ", list)
                servers["interop/" suite "/" name] = list
            }
            declared = ""
        }
        match($0, /<testcase name="[^"]*"/) {
            name = substr($0, RSTART + 16, RLENGTH - 17)
            outcome = /status="run"/ ? "passed" : /status="fail"/ ? "failed" : "skipped"
            print "total", outcome
            n = split(servers[name], each, " ")
            for (i = 1; i <= n; ++i) print each[i], outcome
        }' test/interop/*_test.cpp "$results"
}

counted=$(outcomes | awk '
    { ++cases[$1]; ++count[$1, $2] }
    END {
        for (s in cases) print s, cases[s], count[s, "passed"] + 0, count[s, "failed"] + 0, count[s, "skipped"] + 0
    }')
[ -n "$counted" ] || { echo "No case has run." >&2; exit 1; }

row() { printf '| %-22s | %-16s | %5s | %6s | %6s | %7s |\n' "$@"; }
row server version cases passed failed skipped
row --- --- ---: ---: ---: ---:
while read -r server cases passed failures skipped; do
    row "$server" "$(version "$server" | grep . || echo 'not installed')" "$cases" "$passed" "$failures" "$skipped"
done < <(grep -v '^total ' <<<"$counted" | sort)
read -r _ cases passed failures skipped < <(grep '^total ' <<<"$counted")
row "all, each case once" "" "$cases" "$passed" "$failures" "$skipped"
exit "$failed"
