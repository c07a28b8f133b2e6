#!/usr/bin/env bash
# Checks the packages that need no package manager to be checked: builds the vcpkg port and the Conan recipe with this
# system's libraries and stand-ins for the functions of vcpkg and Conan, and checks the bill of materials. The Debian
# packages are in test/install/run.sh. Everything is built in build/packaging.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-packages build packaging
source=$PWD
folder=$PWD/build/packaging
launcher=
if command -v ccache >/dev/null; then launcher=ccache; fi
rm -rf "$folder"
mkdir -p "$folder/vcpkg" "$folder/conan"
step() { printf -- '-- %s (%s s)\n' "$1" "$SECONDS"; }
has() { # FOLDER PATH...
    local path
    for path in "${@:2}"; do
        [ -e "$1/$path" ] || { echo "$1 has no $path" >&2; return 1; }
    done
}
hasnt() { # FOLDER PATH...
    local path
    for path in "${@:2}"; do
        [ ! -e "$1/$path" ] || { echo "$1 has $path" >&2; return 1; }
    done
}
sbom() { # FOLDER NAME...: what the bill of materials of this installation lists
    python3 -B test/packaging/check_sbom.py "$1/share/doc/libequinix-sts-dev/equinix-sts.spdx.json" "$@"
}

port=cmake/packaging/vcpkg/ports/equinix-sts
version=$(sed -n 's/.* EQUINIX_STS_VERSION "\(.*\)"/\1/p' include/equinix/sts/version.hpp)

step "vcpkg.json"
read -ra features < <(python3 -B test/packaging/check_vcpkg.py $port/vcpkg.json "$version")

vcpkg() { # NAME FEATURE...: runs the port
    mkdir -p "$folder/vcpkg/$1"
    cmake -DPORTFILE="$source/$port/portfile.cmake" -DFEATURES="$(IFS=';' && echo "${*:2}")" \
        -DFOLDER="$folder/vcpkg/$1" -DLAUNCHER=$launcher -P test/packaging/vcpkg_port.cmake >/dev/null
    has "$folder/vcpkg/$1/package" lib/libequinix-sts.a include/equinix/sts.hpp \
        share/equinix-sts/{equinix-sts-config.cmake,copyright,usage}
    hasnt "$folder/vcpkg/$1/package" bin debug lib/cmake
}
step "vcpkg, without features"
vcpkg plain
hasnt "$folder/vcpkg/plain/package" lib/libequinix-sts-redis.a lib/libequinix-sts-testing.a tools
sbom "$folder/vcpkg/plain/package" Boost OpenSSL

step "vcpkg, with ${features[*]}"
vcpkg whole "${features[@]}"
has "$folder/vcpkg/whole/package" lib/libequinix-sts-redis.a lib/libequinix-sts-testing.a tools/equinix-sts/sts-token
"$folder/vcpkg/whole/package/tools/equinix-sts/sts-token" --version
sbom "$folder/vcpkg/whole/package" Boost OpenSSL nghttp2 hiredis

step "vcpkg, a program"
cp -r examples/quick_start "$folder/vcpkg/"
cmake -G Ninja -S "$folder/vcpkg/quick_start" -B "$folder/vcpkg/quick_start/build" \
    -DCMAKE_PREFIX_PATH="$folder/vcpkg/whole/package" -DCMAKE_CXX_COMPILER_LAUNCHER=$launcher >/dev/null
cmake --build "$folder/vcpkg/quick_start/build" >/dev/null

step "Conan"
python3 -B test/packaging/conan_recipe.py cmake/packaging/conan/conanfile.py "$folder/conan" redis=True
has "$folder/conan/package" licenses/LICENSE lib/libequinix-sts{,-redis,-testing}.a include/equinix/sts.hpp
hasnt "$folder/conan/package" lib/cmake lib/pkgconfig bin
sbom "$folder/conan/package" Boost OpenSSL nghttp2 hiredis

step "done"
