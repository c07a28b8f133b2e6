#!/usr/bin/env bash
# Builds programs that use the library and Asio, TLS and Boost.JSON themselves (consumer/), with each way to include the
# library, each compiler and optimisation; checks that a program with incompatible settings does not link. Prints
# a table.
# matrix.sh [--short|--whole] [ROW...]: the rows that match a name or pattern, as in 'static-*-O2'. --short selects the
# rows that find most and uses the libraries that run.sh installed; --whole, the default, selects all. --list prints
# their names.
set -euo pipefail
cd "$(dirname "$0")/../.."

source=$PWD
what=whole
case ${1:-} in --short | --whole | --list) what=${1#--} && shift ;; esac
folder=$PWD/build/matrix
[ "$what" != short ] || folder=$PWD/build/install
log=$folder/matrix.log
export CMAKE_GENERATOR=Ninja
launcher=() cached=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache) cached=(ccache); fi

quicker=(-DCMAKE_UNITY_BUILD=ON) # for the library, which many rows rebuild
declare -A compilers=([gcc]=g++ [clang]=clang++-19)
declare -A levels=([O0]=-O0 [O2]=-O2 [O3]=-O3 [LTO]='-O2 -flto')

# The rows of programs: name, library, way to include it, compiler, flags, further options for cmake.
programs() {
    local library way compiler level flags
    for library in static shared; do
        for way in find_package pkg-config add_subdirectory FetchContent; do
            for compiler in gcc clang; do
                for level in O0 O2 O3 LTO; do
                    flags=${levels[$level]// /,}
                    if [ "$compiler-$level" = clang-LTO ]; then flags+=,-fuse-ld=lld; fi # reads clang's objects
                    echo "$library-$way-$compiler-$level $library $way $compiler $flags"
                done
            done
        done
        echo "$library-json-linked-O2 $library find_package gcc -O2 -DJSON=linked"
        echo "$library-json-linked-LTO $library find_package gcc -O2,-flto -DJSON=linked"
        for level in O0 O2 O3 LTO; do
            echo "$library-separate-$level $library find_package gcc ${levels[$level]// /,} -DSEPARATE=ON"
        done
        echo "$library-of-clang-gcc-O2 $library-of-clang find_package gcc -O2"
        echo "$library-of-clang-clang-LTO $library-of-clang find_package clang -O2,-flto,-fuse-ld=lld"
        # Settings that may differ, by doc/guide/compiler-options.md.
        echo "$library-assertions $library find_package gcc -O1,-D_GLIBCXX_ASSERTIONS,-UNDEBUG"
        echo "$library-hidden $library find_package gcc -O2,-DNDEBUG,-fvisibility=hidden,-fvisibility-inlines-hidden"
        echo "$library-no-deprecated $library find_package gcc -O2,-DBOOST_ASIO_NO_DEPRECATED"
        echo "$library-c++23 $library find_package gcc -O2 -DCMAKE_CXX_STANDARD=23"
        echo "$library-asan $library find_package gcc -O1,-fsanitize=address,-fsanitize=undefined"
        echo "$library-tsan $library find_package clang -O1,-fsanitize=thread"
    done
    echo "static-of-LTO-gcc-O2 static-of-LTO find_package gcc -O2"
    echo "static-of-LTO-gcc-LTO static-of-LTO find_package gcc -O2,-flto"
}

# The rows of settings: name, the symbol that the linker's message must contain, flags.
settings() {
    cat <<SETTINGS
threads with_BOOST_ASIO_DISABLE_THREADS -DBOOST_ASIO_DISABLE_THREADS
tracking with_BOOST_ASIO_ENABLE_HANDLER_TRACKING -DBOOST_ASIO_ENABLE_HANDLER_TRACKING
debug with_GLIBCXX_DEBUG -D_GLIBCXX_DEBUG
rtti with_fno_rtti -fno-rtti
exceptions with_fno_exceptions -fno-exceptions
boost with_Boost_108099 -I$folder/mismatch/other_boost
buffers with_BOOST_ASIO_ENABLE_BUFFER_DEBUGGING -DBOOST_ASIO_ENABLE_BUFFER_DEBUGGING
executor with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT -DBOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
epoll with_BOOST_ASIO_DISABLE_EPOLL -DBOOST_ASIO_DISABLE_EPOLL
blocks with_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING -DBOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
frames with_BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING -DBOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
cache with_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE_8 -DBOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8
SETTINGS
}
mismatches() {
    local library row
    for library in static shared; do
        while read -r row; do echo "$library-flags-${row%% *} $library ${row#* }"; done < <(settings)
    done
}

# Each of these would have caught a former defect.
short='
static-find_package-gcc-O2
static-find_package-gcc-LTO
shared-find_package-gcc-O2
static-flags-threads static-flags-tracking static-flags-debug static-flags-rtti static-flags-boost
shared-flags-threads shared-flags-tracking shared-flags-debug shared-flags-rtti shared-flags-boost
'

chosen() { # ROW: whether it matches the command line, or else belongs to the mode
    local pattern patterns=("${named[@]}")
    if [ ${#patterns[@]} -eq 0 ]; then
        [ "$what" = short ] || return 0
        # shellcheck disable=SC2206 # split into words
        patterns=($short)
    fi
    for pattern in "${patterns[@]}"; do
        # shellcheck disable=SC2053 # a pattern
        [[ $1 != $pattern ]] || return 0
    done
    return 1
}

quietly() { # COMMAND...: its output goes to the log; the caller reports a failure
    echo "+ $*" >>"$log"
    "$@" >>"$log" 2>&1
}

library() { # KIND: builds and installs it if necessary; prints where
    local root=$folder/$1-root options=(-DCMAKE_BUILD_TYPE=Release)
    case $1 in shared*) options+=(-DBUILD_SHARED_LIBS=ON) ;; esac
    case $1 in *-of-clang) options+=(-DCMAKE_CXX_COMPILER="${compilers[clang]}") ;; esac
    case $1 in *-of-LTO) options+=("-DCMAKE_CXX_FLAGS=-O2 -flto") ;; esac
    if [ ! -e "$root/complete" ]; then
        quietly cmake -S . -B "$folder/$1" "${launcher[@]}" "${options[@]}" "${quicker[@]}" -DCMAKE_INSTALL_LIBDIR=lib \
            -DEQUINIX_STS_BUILD_TESTS=OFF -DEQUINIX_STS_BUILD_BENCH=OFF -DEQUINIX_STS_BUILD_EXAMPLES=OFF \
            -DEQUINIX_STS_BUILD_TOOL=OFF
        quietly cmake --build "$folder/$1"
        quietly cmake --install "$folder/$1" --prefix "$root"
        touch "$root/complete"
    fi
    echo "$root"
}

program() { # NAME LIBRARY WAY COMPILER FLAGS [OPTION...]: prints the result
    local build=$folder/consumer options=("${@:6}") root said code=0
    rm -rf "$build" # the same folder for each row, so that ccache finds what two rows have in common
    case $3 in
    find_package | pkg-config)
        root=$(library "$2") || { echo "the library does not build"; return 1; }
        options+=(-DCMAKE_PREFIX_PATH="$root")
        ;;
    *)
        options+=(-DEQUINIX_STS_SOURCE="$source" "${quicker[@]}")
        [ "$2" = static ] || options+=(-DBUILD_SHARED_LIBS=ON)
        ;;
    esac
    quietly env PKG_CONFIG_PATH="${root:-}/lib/pkgconfig" cmake -S test/install/consumer -B "$build" "${launcher[@]}" \
        -DHOW="$3" -DCMAKE_CXX_COMPILER="${compilers[$4]}" -DCMAKE_CXX_FLAGS="${5//,/ }" "${options[@]}" ||
        { echo "cmake fails to configure it"; return 1; }
    quietly cmake --build "$build" --target consumer || { echo "does not build"; return 1; }
    said=$(timeout 120 "$build/consumer" 2>>"$log") || code=$?
    echo "$said" >>"$log"
    rm -rf "$build"
    if [ "$code" -eq 0 ]; then
        echo "$(grep -c 'as it should be' <<<"$said") checks passed"
    elif grep FAILED <<<"$said" | sed 's/: FAILED//' | paste -sd ';'; then
        return 1
    else
        echo "exited with $code" && return 1
    fi
}

flagged() { # ROOT FOLDER FLAG...: compiles the two files of a program into the folder
    local cflags
    cflags=$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags equinix-sts)
    mkdir -p "$2"
    # shellcheck disable=SC2086 # split into words
    printf '%s\n' main other | quietly xargs -P 2 -I FILE "${cached[@]}" g++ -std=c++20 -w "${@:3}" $cflags \
        -c "$folder/mismatch/FILE.cpp" -o "$2/FILE.o"
}

links() { # ROOT MAIN OTHER FLAG...: whether these objects link; the linker's output is in `message`
    local libraries
    libraries=$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --libs --static equinix-sts)
    # shellcheck disable=SC2086 # split into words
    if message=$(g++ "${@:4}" "$2/main.o" "$3/other.o" $libraries -o "$folder/mismatch/program" 2>&1); then return; fi
    printf '%s\n' "$message" >>"$log"
    return 1
}

mismatch() { # NAME LIBRARY SYMBOL FLAG: prints the result
    local root plain=$folder/mismatch/$2 other=$folder/mismatch/$1 symbol=library_was_built::$3 message pair how seen=0
    root=$(library "$2") || { echo "the library does not build"; return 1; }
    for how in "" "-Wl,--gc-sections -ffunction-sections -fdata-sections" "-O2 -flto" \
        "-O2 -flto -Wl,--gc-sections -ffunction-sections -fdata-sections"; do
        # shellcheck disable=SC2086 # split into words
        {
            [ -e "$plain/${how// /_}" ] || flagged "$root" "$plain/${how// /_}" $how || { echo "does not compile"; return 1; }
            flagged "$root" "$other/${how// /_}" $how "$4" || { echo "does not compile with the flag"; return 1; }
            links "$root" "$plain/${how// /_}" "$plain/${how// /_}" $how || { echo "does not link without the flag"; return 1; }
        }
        for pair in "$other $plain" "$plain $other" "$other $other"; do # the flag in the first file, the second, both
            # shellcheck disable=SC2086 # split into words
            if links "$root" "${pair% *}/${how// /_}" "${pair#* }/${how// /_}" $how; then
                echo "links in spite of the flag: ${pair//"$folder/mismatch/"/} $how" && return 1
            fi
            grep -q "undefined reference to .*$symbol" <<<"$message" ||
                { echo "the linker does not name the symbol: ${pair//"$folder/mismatch/"/} $how" && return 1; }
            seen=$((seen + 1))
        done
        [ "$what" != short ] || break
    done
    rm -rf "$other"
    echo "rejected in $seen ways, naming \`$symbol\`"
}

set_up_mismatches() { # two files that each include a header of the library, and a Boost of another version
    local work=$folder/mismatch
    rm -rf "$work"
    mkdir -p "$work/other_boost/boost"
    cat >"$work/main.cpp" <<'CODE'
#include <equinix/sts.hpp>

#include <boost/asio/io_context.hpp>

int other();

int main() {
    boost::asio::io_context context;
    equinix::sts::client_options options;
    options.endpoint = equinix::sts::endpoint("https://localhost/");
    equinix::sts::client const client(context.get_executor(), options);
    return other();
}
CODE
    printf '%s\n' '#include <equinix/sts/scope.hpp>' 'int other() { return 0; }' >"$work/other.cpp"
    echo '#include <boost/version.hpp>' | g++ -E -M -x c++ - | grep -o '[^ ]*/boost/version.hpp' |
        xargs sed 's/^\(#define BOOST_VERSION\) .*/\1 108099/' >"$work/other_boost/boost/version.hpp"
}

table=()
failures=0
row() { # FUNCTION NAME ARGUMENT...
    local result began=$SECONDS
    chosen "$2" || return 0
    if [ "$what" = list ]; then
        echo "$2"
        return
    fi
    echo "== $2" >>"$log"
    if result=$("$@"); then result="passed: $result"; else
        result="FAILED: $result"
        failures=$((failures + 1))
    fi
    echo "   $2: $result ($((SECONDS - began)) s)"
    table+=("| $2 | $result |")
}

named=("$@")
if [ "$what" != list ]; then
    mkdir -p "$folder"
    : >"$log"
    [ "$what" = short ] || rm -rf "$folder"/*-root
    .ci/install-packages build install
    [ "$what" = short ] || .ci/install-packages matrix
    set_up_mismatches
fi
while read -r -a words; do row program "${words[@]}" </dev/null; done < <(programs)
while read -r -a words; do row mismatch "${words[@]}" </dev/null; done < <(mismatches)
[ "$what" != list ] || exit 0
[ ${#table[@]} -gt 0 ] || { echo "No row matches; --list prints all names" >&2; exit 2; }

printf '\n| row | result |\n| --- | --- |\n'
printf '%s\n' "${table[@]}"
[ "$failures" -eq 0 ] || { echo "$failures failed; for the output see $log" >&2; exit 1; }
