#!/usr/bin/env bash
# Uses the library in each way that users do, and runs examples/quick_start with each against `sts-token serve-mock`:
# installed, static and shared, by find_package and by pkg-config; from the Debian packages; inside another project, by
# add_subdirectory and FetchContent. Everything is built in build/install.
set -euo pipefail
cd "$(dirname "$0")/../.."

.ci/install-packages build package install plugs
source=$PWD
folder=$PWD/build/install
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
export CMAKE_GENERATOR=Ninja
rm -rf "$folder"
mkdir -p "$folder"
cp -r examples/quick_start "$folder/" # outside the source tree, as for a user

step() { printf -- '-- %s (%s s)\n' "$1" "$SECONDS"; }
shown_if_it_fails() { # COMMAND...
    "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; return 1; }
}
build() { # FOLDER OPTION...: builds only what is installed
    shown_if_it_fails cmake -S . -B "$1" "${launcher[@]}" -DEQUINIX_STS_BUILD_TESTS=OFF -DEQUINIX_STS_BUILD_BENCH=OFF "${@:2}"
    shown_if_it_fails cmake --build "$1" --target src/all
}
project() { # FOLDER OPTION...
    shown_if_it_fails cmake -S "$1" -B "$1/build" "${launcher[@]}" "${@:2}"
    shown_if_it_fails cmake --build "$1/build" --target quick_start
}
by_pkg_config() { # ROOT [OPTION]
    local flags
    flags=$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags --libs "${@:2}" equinix-sts)
    # shellcheck disable=SC2086 # split into words
    g++ -std=c++20 "$folder/quick_start/main.cpp" $flags -o "$folder/by_pkg_config"
}
runs() { # COMMAND...: makes an exchange with the mock that `serve` started
    local said
    said=$("$@")
    echo "   $said"
    [[ "$said" == "a token of "* ]]
}
serve() { # STS-TOKEN
    "$1" serve-mock --dir "$folder/mock" >"$folder/mock.log" &
    trap 'kill %% 2>/dev/null || true' EXIT
    until grep -qs '^ID token' "$folder/mock.log"; do
        kill -0 %% || exit 1
        read -rt 0.1 <> <(:) || true
    done
    local url
    url=$(sed -n 's/^serving //p' "$folder/mock.log")
    export EQUINIX_STS_ENDPOINT=${url%/use/token} EQUINIX_TOKEN_EXCHANGE_SCOPE=roleassignments:1
    export SSL_CERT_FILE=$folder/mock/ca.pem
    EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN=$(cat "$folder/mock/id_token")
    export EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN
}

step "static"
build build/demo -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib # as for the demo
cmake --install build/demo --prefix "$folder/static-root" >/dev/null
serve "$folder/static-root/bin/sts-token"

touch "$folder/static-root/complete" # for matrix.sh

step "static, by find_package"
project "$folder/quick_start" -DCMAKE_PREFIX_PATH="$folder/static-root"
runs "$folder/quick_start/build/quick_start"
rm -rf "$folder/quick_start/build"

step "the components"
component() { # NAME TARGET: a program that names the component links the target
    mkdir -p "$folder/component"
    cat >"$folder/component/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(component LANGUAGES CXX)
find_package(equinix-sts 0.9 REQUIRED COMPONENTS $1)
if(NOT "$2" STREQUAL "")
    add_library(component INTERFACE)
    target_link_libraries(component INTERFACE $2)
    get_target_property(exists $2 TYPE)
endif()
CMAKE
    rm -rf "$folder/component/build"
    cmake -S "$folder/component" -B "$folder/component/build" -DCMAKE_PREFIX_PATH="$folder/static-root" \
        >"$folder/component.log" 2>&1
}
offered() { # NAME TARGET
    component "$@" || { cat "$folder/component.log"; return 1; }
}
absent() { # NAME: refused, and the error names it
    if component "$1" ""; then return 1; fi
    grep -q "component '$1' of equinix-sts is not installed" "$folder/component.log"
}
offered "redis http2 testing" equinix::sts_redis
for plug in prometheus otel grpc; do
    if [ -e "$folder/static-root/lib/libequinix-sts-$plug.a" ]; then
        offered "$plug" "equinix::sts_$plug"
        echo "   $plug is there"
    else
        absent "$plug"
        echo "   $plug is refused"
    fi
done

step "static, the examples"
cp -r "$folder/static-root/share/doc/libequinix-sts-dev/examples" "$folder/"
cmake -S "$folder/examples" -B "$folder/examples/build" "${launcher[@]}" -DCMAKE_PREFIX_PATH="$folder/static-root" >/dev/null
cmake --build "$folder/examples/build" --target example_03_token_source >/dev/null
"$folder/examples/build/example_03_token_source" | sed 's/^/   /'

step "static, by pkg-config"
by_pkg_config "$folder/static-root" --static
runs "$folder/by_pkg_config"

step "Debian packages"
# Built in a copy, because dpkg-buildpackage writes into the tree and beside it.
copy=$folder/package/source
mkdir -p "$copy"
tar -c --exclude=./build --exclude=./.git --exclude=node_modules . | tar -x -C "$copy"
(
    cd "$copy"
    if [ ${#launcher[@]} -gt 0 ]; then
        CCACHE_DIR=$(ccache --get-config cache_dir) # debhelper sets another HOME
        export CCACHE_DIR CMAKE_CXX_COMPILER_LAUNCHER=ccache
    fi
    DEB_BUILD_OPTIONS="noautodbgsym terse" shown_if_it_fails dpkg-buildpackage -b -us -uc
)
lintian --allow-root --fail-on error,warning --info "$folder"/package/*.changes

step "shared, of the same build"
shown_if_it_fails cmake "$copy/build/debian" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX="$folder/shared-root"
shown_if_it_fails cmake --build "$copy/build/debian"
cmake --install "$copy/build/debian" >/dev/null
touch "$folder/shared-root/complete"
so=$folder/shared-root/lib/libequinix-sts.so
"$folder/shared-root/bin/sts-token" --version

step "the shared library exports only its interface"
grep -q 'SONAME *libequinix-sts\.so\.[0-9.]*$' <<<"$(objdump -p "$so")"
shown=$(nm -DC --defined-only "$so")
grep -q ' T equinix::sts::client::exchange(' <<<"$shown"
if grep -E ' [A-Z] .*(equinix::sts::(base|values|core|net)::|boost::(beast|json|urls)::)' <<<"$shown"; then exit 1; fi

step "shared, by find_package"
project "$folder/quick_start" -DCMAKE_PREFIX_PATH="$folder/shared-root"
runs "$folder/quick_start/build/quick_start"
rm -rf "$folder/quick_start/build"

step "shared, by pkg-config"
by_pkg_config "$folder/shared-root"
runs env LD_LIBRARY_PATH="$(dirname "$so")" "$folder/by_pkg_config"

step "another version is rejected, with the reason"
sed -i 's/equinix-sts 0.9/equinix-sts 0.8/' "$folder/quick_start/CMakeLists.txt"
if project "$folder/quick_start" -DCMAKE_PREFIX_PATH="$folder/shared-root" >"$folder/refused.log"; then exit 1; fi
grep -q 'version.*0\.8' "$folder/refused.log"
sed -i 's/equinix-sts 0.8/equinix-sts 0.9/' "$folder/quick_start/CMakeLists.txt"
rm -rf "$folder/quick_start/build"

step "an error names a missing package, how to install it and how to build without it"
refused() { # TEXT OPTION...: cmake stops with this text
    if cmake -S . -B "$folder/refused" "${@:2}" >"$folder/refused.log" 2>&1; then return 1; fi
    grep -qF -- "$1" "$folder/refused.log" && grep -q '^ *\.ci/install-packages build' "$folder/refused.log"
    rm -rf "$folder/refused"
}
refused "Not found: Boost 1.81" -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON
refused "Not found: OpenSSL 3" -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON
without_boost_test=-DCMAKE_DISABLE_FIND_PACKAGE_boost_unit_test_framework=ON
refused "-DEQUINIX_STS_BUILD_TESTS=OFF builds without" "$without_boost_test" -DEQUINIX_STS_BUILD_TESTS=ON
cmake -S . -B "$folder/without_tests" "$without_boost_test" | grep 'No tests are built'
if ninja -C "$folder/without_tests" -t targets all | grep '^test/'; then exit 1; fi

for how in add_subdirectory FetchContent; do
    step "$how"
    cp -r test/install/subproject "$folder/$how"
    project "$folder/$how" -DHOW="$how" -DEQUINIX_STS_SOURCE="$source" -DCMAKE_BUILD_TYPE=Release
    runs "$folder/$how/build/quick_start"
done

step "Debian packages, installed"
packages=("$folder"/package/*.deb)
if [ "$(id -u)" -ne 0 ]; then
    echo "   (Skipped) Not root: ${packages[*]##*/} are built but not installed"
    exit
fi
trap 'kill %% 2>/dev/null || true; apt-get purge -y -qq sts-token "libequinix-sts*" >/dev/null' EXIT
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
shown_if_it_fails env AUTOPKGTEST_TMP="$folder/package" debian/tests/quick-start
tail -n 1 "$folder/log" | sed 's/^/   /'
