// The key that seals the records of a directory, in a file there.
#include "stores/file_store_fixture.hpp"
#include "support/refused.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace test;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(file_store, file_store_fixture)

BOOST_AUTO_TEST_CASE(the_key_is_made_once) {
    auto const key = store->keys().at(0);
    BOOST_TEST(key.size() == 64U);
    BOOST_TEST(sts::file_store(path)->keys().at(0).reveal() == key.reveal());
    folder other;
    BOOST_TEST(sts::file_store(other.path().string())->keys().at(0).reveal() != key.reveal());
}

BOOST_AUTO_TEST_CASE(two_that_make_the_key_at_once_get_the_same) {
    for (int i = 0; i < 20; ++i) {
        fs::remove(file("key"));
        std::string one, other;
        std::thread racing([&] { one = store->keys().at(0).reveal(); });
        other = sts::file_store(path)->keys().at(0).reveal();
        racing.join();
        BOOST_TEST(one == other);
    }
}

BOOST_AUTO_TEST_CASE(a_key_that_others_may_read_is_refused) {
    store->keys();
    BOOST_REQUIRE(::chmod(file("key").c_str(), 0640) == 0);
    BOOST_TEST(contains(refusal([&] { store->keys(); }), "chmod 600"));
}

BOOST_AUTO_TEST_CASE(a_key_that_is_too_short_or_is_no_file_is_refused) {
    std::ofstream(file("key")) << "short\n";
    ::chmod(file("key").c_str(), 0600);
    BOOST_TEST(contains(refusal([&] { store->keys(); }), "less than 32 bytes"));
    fs::remove(file("key"));
    fs::create_symlink(in.file("elsewhere", std::string(64, 'k')), file("key"));
    BOOST_TEST(contains(refusal([&] { store->keys(); }), "may be read by others"));
    fs::remove(file("key"));
    fs::create_directory(file("key"));
    BOOST_TEST(contains(refusal([&] { store->keys(); }), "is not a regular file"));
}

BOOST_AUTO_TEST_SUITE_END()
