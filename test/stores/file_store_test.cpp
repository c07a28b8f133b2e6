// The token store in a directory: records, leases, and what others may have put there.
#include "stores/file_store_fixture.hpp"
#include "support/print.hpp"
#include "support/refused.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(file_store, file_store_fixture)

BOOST_AUTO_TEST_CASE(it_keeps_the_rules_of_a_store) {
    auto const broken = broken_rules(store, sts::file_store(path));
    BOOST_TEST(broken == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(files() <= 16U); // locks, which are swept later; no record and no lease
}

BOOST_AUTO_TEST_CASE(the_directory_and_all_in_it_are_for_this_user_alone) {
    swap({}, "record");
    BOOST_TEST(mode_of(path) == 0700U);
    BOOST_TEST(store->keys().size() == 1U);
    for (auto const& each : fs::directory_iterator(path))
        BOOST_TEST(mode_of(each.path().string()) == 0600U, each.path());
}

BOOST_AUTO_TEST_CASE(a_directory_that_others_may_write_to_is_refused) {
    for (mode_t const mode : {0720U, 0702U, 0777U, 01777U}) {
        BOOST_REQUIRE(::chmod(path.c_str(), mode) == 0);
        BOOST_TEST(contains(refusal([&] { sts::file_store(path); }), "chmod go-w"));
    }
}

BOOST_AUTO_TEST_CASE(a_path_that_cannot_be_a_directory_is_refused) {
    BOOST_TEST(contains(refusal([&] { sts::file_store("relative"); }), "absolute"));
    BOOST_TEST(contains(refusal([&] { sts::file_store(""); }), "absolute"));
    BOOST_TEST(contains(refusal([&] { sts::file_store(in.file("file", "")); }), "cannot be opened"));
    BOOST_TEST(contains(refusal([&] { sts::file_store(path + "/missing/child"); }), "cannot be created"));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_removed_is_made_again) {
    swap({}, "record");
    fs::remove_all(path);
    BOOST_TEST(!look().has_value());
    BOOST_TEST(swap({}, "record"));
    BOOST_TEST(mode_of(path) == 0700U);
}

BOOST_AUTO_TEST_CASE(links_pipes_directories_and_huge_files_are_misses_and_are_replaced) {
    auto const elsewhere = in.file("elsewhere", std::string(16, 'f') + "secret of another");
    auto const place = file("name.record");
    auto const make = {std::function<void()>([&] { fs::create_symlink(elsewhere, place); }),
                       std::function<void()>([&] { fs::create_symlink("/dev/zero", place); }),
                       std::function<void()>([&] { BOOST_REQUIRE(::mkfifo(place.c_str(), 0600) == 0); }),
                       std::function<void()>([&] { fs::create_directory(place); }),
                       std::function<void()>([&] {
                           std::ofstream(place).close();
                           fs::resize_file(place, std::uintmax_t(1) << 40U);
                       }),
                       std::function<void()>([&] { std::ofstream(place) << "short"; })};
    for (auto const& each : make) {
        each();
        BOOST_TEST(!look().has_value());
        BOOST_TEST(swap({}, "record"));
        BOOST_TEST(look().value() == "record");
        BOOST_TEST(swap("record", {}));
    }
    BOOST_TEST(content_of(elsewhere).ends_with("secret of another"));
}

BOOST_AUTO_TEST_CASE(so_are_those_at_the_place_of_a_lock_or_a_lease) {
    for (auto const* const name : {"name.lock", "name.lease"}) {
        fs::remove(file(name));
        fs::create_symlink(in.file("elsewhere", "untouched"), file(name));
        BOOST_TEST(swap({}, "record"));
        BOOST_TEST(performed(store->acquire("name", "me", 1s, within)).value().won);
        BOOST_TEST(performed(store->release("name", "me", within)).value());
        BOOST_TEST(swap("record", {}));
        BOOST_TEST(content_of((in.path() / "elsewhere").string()) == "untouched");
    }
}

BOOST_AUTO_TEST_CASE(P2_a_torn_record_is_what_is_left_of_it) {
    swap({}, "record");
    fs::resize_file(file("name.record"), 19);
    BOOST_TEST(look().value() == "rec"); // which does not open
    fs::resize_file(file("name.record"), 16);
    BOOST_TEST(!look().has_value());
}

BOOST_AUTO_TEST_CASE(P11_a_lease_ends_with_its_process) {
    auto const child = ::fork();
    if (child == 0) {
        auto const theirs = sts::file_store(path);
        auto const got = performed(theirs->acquire("name", "child", 1h, within));
        ::_exit(got.has_value() && got->won ? 0 : 1);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WEXITSTATUS(status) == 0);
    BOOST_TEST(performed(store->acquire("name", "parent", 1s, within)).value().won);
}

BOOST_AUTO_TEST_CASE(P11_a_frozen_holder_shows_no_sign_of_life) {
    auto const holder = sts::file_store(path);
    BOOST_TEST(performed(holder->acquire("name", "frozen", 300ms, within)).value().won);
    auto got = performed(store->acquire("name", "other", 300ms, within)).value();
    BOOST_TEST(!got.won);
    BOOST_TEST((got.left > 0ms && got.left <= 300ms));
    struct timespec const long_ago[2] = {{1, 0}, {1, 0}}; // the holder has not renewed it since
    BOOST_REQUIRE(::utimensat(AT_FDCWD, file("name.lease").c_str(), long_ago, 0) == 0);
    got = performed(store->acquire("name", "other", 300ms, within)).value();
    BOOST_TEST(!got.won); // the lock is still held
    BOOST_TEST((got.left <= 0ms));
    BOOST_TEST(performed(holder->renew("name", "frozen", 300ms, within)).value()); // it thaws
    got = performed(store->acquire("name", "other", 300ms, within)).value();
    BOOST_TEST((got.left > 0ms));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_locked_for_long_is_told) {
    swap({}, "record");
    int const locked = ::open(file("name.lock").c_str(), O_RDWR | O_CLOEXEC); // NOLINT
    BOOST_REQUIRE(::flock(locked, LOCK_EX) == 0);
    auto const got = performed(store->swap("name", "record", {}, 1h, within));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == sts::error_kind::timeout);
    BOOST_TEST((got.error().phase == sts::phase::store));
    ::close(locked);
    BOOST_TEST(swap("record", {}));
}

BOOST_AUTO_TEST_CASE(what_nobody_needs_is_swept) {
    auto const old = [&](std::string const& name, std::string const& content) {
        std::ofstream(file(name)) << content;
        struct timespec const times[2] = {{1, 0}, {1, 0}};
        BOOST_REQUIRE(::utimensat(AT_FDCWD, file(name).c_str(), times, 0) == 0);
    };
    old("over.record", "0000000000000001x");
    old("alive.record", "000fffffffffffffx");
    old("left.tmp", "");
    old("left.lock", "");
    old("left.lease", "");
    old("someone's file", "");
    swap({}, "record");
    for (auto const* const gone : {"over.record", "left.tmp", "left.lock", "left.lease"})
        BOOST_TEST(!fs::exists(file(gone)), gone);
    for (auto const* const kept : {"alive.record", "someone's file", "name.record"})
        BOOST_TEST(fs::exists(file(kept)), kept);
}

BOOST_AUTO_TEST_SUITE_END()
