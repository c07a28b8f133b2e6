#include "base/read_file.hpp"
#include "support/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace base = equinix::sts::base;
using namespace test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t limit = 1025;

struct fixture {
    std::string fifo() const {
        auto path = (in.path() / "fifo").string();
        BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        return path;
    }
    static base::clock::time_point soon() { return base::clock::now() + 20ms; }
    static base::clock::time_point late() { return base::clock::now() + 60s; }

    folder in;
};

std::string problem(base::file_text const& read) {
    BOOST_REQUIRE(read.problem != nullptr);
    return base::problem_of(read);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(read_file, fixture)

BOOST_AUTO_TEST_CASE(a_file_is_read_whole) {
    auto const read = base::read_file(in.file("a", "content\n"), limit);
    BOOST_TEST(read.problem == nullptr);
    BOOST_TEST(base::view(read.text) == "content\n");
}

BOOST_AUTO_TEST_CASE(one_of_the_limit_is_too_large) {
    BOOST_TEST(base::read_file(in.file("a", std::string(limit - 1, 'x')), limit).problem == nullptr);
    BOOST_TEST(problem(base::read_file(in.file("b", std::string(limit, 'x')), limit)) ==
               "is larger than 1 KiB");
}

BOOST_AUTO_TEST_CASE(the_systems_reason_is_told) {
    BOOST_TEST(problem(base::read_file((in.path() / "none").string(), limit)) ==
               "cannot be read: No such file or directory");
    BOOST_TEST(problem(base::read_file(in.path().string(), limit, late())) ==
               "cannot be read: Is a directory");
}

BOOST_AUTO_TEST_CASE(a_pipe_is_refused_where_files_alone_will_do) {
    BOOST_TEST(problem(base::read_file(fifo(), limit)) == "is not a regular file");
}

BOOST_AUTO_TEST_CASE(H29_a_fifo_without_a_writer_is_given_up) {
    BOOST_TEST(problem(base::read_file(fifo(), limit, soon())).find("in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(H29_a_device_without_end_is_too_large) {
    BOOST_TEST(problem(base::read_file("/dev/zero", limit, late())) == "is larger than 1 KiB");
}

BOOST_AUTO_TEST_CASE(H29_a_fifo_whose_writer_never_ends_is_given_up) {
    auto const path = fifo();
    int const writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    BOOST_REQUIRE(::write(writer, "some", 4) == 4);
    BOOST_TEST(problem(base::read_file(path, limit, soon())).find("in time") != std::string::npos);
    ::close(writer);
}

BOOST_AUTO_TEST_CASE(H29_a_fifo_is_read_to_its_writers_end) {
    auto const path = fifo();
    std::thread writer([&] {
        int const to = ::open(path.c_str(), O_WRONLY | O_CLOEXEC); // waits for the reader
        for (auto const* const part : {"con", "tent"})
            BOOST_REQUIRE(::write(to, part, std::char_traits<char>::length(part)) > 0);
        ::close(to);
    });
    auto const read = base::read_file(path, limit, late());
    writer.join();
    BOOST_TEST(read.problem == nullptr);
    BOOST_TEST(base::view(read.text) == "content");
}

BOOST_AUTO_TEST_SUITE_END()
