// Tokens in files.
#include "suppliers/asking.hpp"
#include "suppliers/opened_files.hpp"
#include "support/descriptors.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <sys/stat.h>

#include <cstdlib>

using namespace test;

namespace {

constexpr std::size_t largest = std::size_t(64) * 1024;

struct file_fixture {
    folder place;
    std::string path = (place.path() / "token").string();

    void write(std::string const& content) const { place.file("token", content); }

    /// As whoever rotates it does: never half.
    void replace(std::string const& content) const {
        place.file("new", content);
        std::filesystem::rename(place.path() / "new", path);
    }

    suppliers::supplier_ptr supplier() const { return suppliers::file(path); }
    std::string refused() const {
        auto const message = refusal_of(supplier());
        BOOST_TEST(contains(message, "file '" + path + "'"), message);
        return message;
    }
};

bool opened(watched_file const& file, std::size_t times) {
    return eventually([&] { return file.begun() >= times; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(supplier_file, file_fixture)

BOOST_AUTO_TEST_CASE(H19_white_space_at_both_ends_is_no_part_of_the_token) {
    write("abc\n");
    BOOST_TEST(token_of(supplier()) == "abc");
    write(" \t\r\n abc \r\n\n");
    BOOST_TEST(token_of(supplier()) == "abc");
}

BOOST_AUTO_TEST_CASE(H19_white_space_inside_is_refused_and_the_content_not_told) {
    write("canary\ncanary\n");
    BOOST_TEST(!contains(refused(), "canary"));
}

BOOST_AUTO_TEST_CASE(H19_an_empty_file_is_refused) {
    write("");
    BOOST_TEST(contains(refused(), "is empty"));
    write(" \n");
    BOOST_TEST(contains(refused(), "is empty"));
}

BOOST_AUTO_TEST_CASE(H19_a_file_of_1_MiB_is_refused) {
    write(std::string(16 * largest, 'a'));
    BOOST_TEST(contains(refused(), "is larger than 64 KiB"));
}

BOOST_AUTO_TEST_CASE(H19_64_KiB_are_accepted_and_a_byte_more_is_not) {
    std::string const most(largest, 'a');
    write(most + "\r\n");
    BOOST_TEST((token_of(supplier()) == most));
    write(most + "a");
    BOOST_TEST(contains(refused(), "is larger than 64 KiB"));
    write(most + "\n\n\n\nb");
    BOOST_TEST(contains(refused(), "is larger than 64 KiB"));
}

BOOST_AUTO_TEST_CASE(H19_a_missing_file_is_refused) {
    BOOST_TEST(contains(refused(), "cannot be read: No such file"));
}

BOOST_AUTO_TEST_CASE(H19_a_folder_is_refused) {
    std::filesystem::create_directory(path);
    BOOST_TEST(contains(refused(), "is not a regular file"));
}

BOOST_AUTO_TEST_CASE(H19_a_fifo_is_refused_though_nobody_writes) {
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    BOOST_TEST(contains(refused(), "is not a regular file"));
}

BOOST_AUTO_TEST_CASE(H19_a_file_that_cannot_be_opened_is_refused) {
    std::filesystem::create_symlink(path, path); // root may open any file, but not this
    BOOST_TEST(contains(refused(), "cannot be read: "));
}

BOOST_AUTO_TEST_CASE(H19_a_file_that_cannot_be_read_is_refused) {
    // Its first page is never there.
    BOOST_TEST(contains(refusal_of(suppliers::file("/proc/self/mem")), "'/proc/self/mem' cannot be read: "));
}

BOOST_AUTO_TEST_CASE(H19_a_file_that_is_missing_for_a_moment_is_waited_for) {
    watched_file const file(path);
    asio::io_context context;
    asked one(context, supplier());
    poll_until(context, [&] { return file.begun() >= 2; });
    replace("abc\n");
    BOOST_TEST(one.token() == "abc");
}

BOOST_AUTO_TEST_CASE(H19_a_file_that_is_empty_for_a_moment_is_waited_for) {
    write("");
    watched_file const file(path);
    asio::io_context context;
    asked one(context, supplier());
    poll_until(context, [&] { return file.begun() >= 2; });
    replace("abc\n");
    BOOST_TEST(one.token() == "abc");
}

BOOST_AUTO_TEST_CASE(H19_waiting_for_a_missing_file_ends_at_the_deadline) {
    watched_file const file(path);
    asio::io_context context;
    asked(context, supplier(), after(std::chrono::seconds(0))).failure();
    BOOST_TEST(opened(file, 1));
    BOOST_TEST(file.begun() == 1u);
}

BOOST_AUTO_TEST_CASE(H19_waiting_for_a_missing_file_can_be_cancelled) {
    watched_file const file(path);
    asio::io_context context;
    asked one(context, supplier());
    poll_until(context, [&] { return file.begun() >= 2; });
    one.cancel();
    BOOST_TEST(one.canceled());
}

BOOST_AUTO_TEST_CASE(nothing_is_read_before_it_is_asked) {
    watched_file const file(path);
    auto const one = supplier();
    BOOST_TEST(file.begun() == 0u);
}

BOOST_AUTO_TEST_CASE(is_read_at_each_use) {
    auto const one = supplier();
    write("first");
    BOOST_TEST(token_of(one) == "first");
    write("second");
    BOOST_TEST(token_of(one) == "second");
}

BOOST_AUTO_TEST_CASE(whoever_leaves_need_not_wait_for_a_read_that_hangs) {
    auto const before = running_threads();
    write("abc");
    watched_file file(path);
    file.hold();
    {
        asio::io_context context;
        asked one(context, supplier());
        poll_until(context, [&] { return file.begun() == 1; });
        one.cancel();
        BOOST_TEST(one.canceled());
        context.run(); // nothing keeps it any more
    }
    BOOST_TEST(file.begun() == 1u);
    file.let_go();
    BOOST_TEST(eventually([&] { return running_threads() <= before; }));
}

BOOST_AUTO_TEST_CASE(a_read_that_hangs_ends_for_the_asker_at_the_deadline) {
    write("abc");
    watched_file file(path);
    file.hold();
    asio::io_context context;
    asked one(context, supplier(), after(std::chrono::milliseconds(20)));
    auto const info = one.failure();
    BOOST_TEST(info.kind == sts::error_kind::timeout);
    BOOST_TEST(contains(info.message, "file '" + path + "' could not be read in time"), info.message);
}

BOOST_AUTO_TEST_CASE(a_read_that_hangs_does_not_hold_the_end_of_the_context) {
    auto const before = running_threads();
    write("abc");
    watched_file file(path);
    file.hold();
    {
        asio::io_context context;
        asked const one(context, supplier());
        poll_until(context, [&] { return file.begun() == 1; });
    }
    file.let_go();
    BOOST_TEST(eventually([&] { return running_threads() <= before; }));
}

BOOST_AUTO_TEST_CASE(a_read_keeps_the_context_running) {
    write("abc");
    watched_file file(path);
    file.hold();
    asio::io_context context;
    asked one(context, supplier());
    std::thread other([&] {
        opened(file, 1);
        file.let_go();
    });
    context.run();
    other.join();
    BOOST_TEST(one.done());
    BOOST_TEST(one.token() == "abc");
}

BOOST_AUTO_TEST_CASE(who_asks_during_a_read_gets_the_next) {
    write("abc");
    watched_file file(path);
    file.hold();
    asio::io_context context;
    auto const shared = supplier();
    asked first(context, shared);
    poll_until(context, [&] { return file.begun() == 1; });
    asked second(context, shared), third(context, shared);
    context.poll();
    file.let_go();
    BOOST_TEST(first.token() == "abc");
    BOOST_TEST(second.token() == "abc");
    BOOST_TEST(third.token() == "abc");
    BOOST_TEST(file.begun() == 2u);
}

BOOST_AUTO_TEST_CASE(many_at_once_on_two_threads_are_served_or_leave) {
    write("abc");
    auto const shared = supplier();
    for (int round = 0; round < 20; ++round) {
        asio::io_context context;
        std::vector<std::unique_ptr<asked>> all, left;
        for (int i = 0; i < 20; ++i) {
            all.push_back(std::make_unique<asked>(context, shared));
            left.push_back(std::make_unique<asked>(context, shared));
            left.back()->cancel();
        }
        run_on_two_threads(context);
        for (auto const& one : all)
            BOOST_TEST(one->token() == "abc");
        for (auto const& one : left)
            BOOST_TEST((one->supplied() || one->canceled()));
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_left_open) {
    auto const descriptors = open_descriptors();
    auto const threads = running_threads();
    write("abc");
    token_of(supplier());
    write("");
    refused();
    write(std::string(2 * largest, 'a'));
    refused();
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    refused();
    BOOST_TEST(eventually([&] { return running_threads() <= threads; }));
    BOOST_TEST(open_descriptors() <= descriptors);
}

BOOST_AUTO_TEST_CASE(paths_that_cannot_be_are_refused_at_once) {
    refusal([] { suppliers::file(""); });
    refusal([] { suppliers::file(std::string("/etc\0/passwd", 12)); });
}

BOOST_AUTO_TEST_CASE(made_for_a_question_it_lives_until_the_answer) {
    write("abc");
    auto const passing_on = [this](sts::supply_context with) {
        return suppliers::file(path)->supply(std::move(with));
    };
    BOOST_TEST(token_of(suppliers::coroutine(passing_on)) == "abc");
}

BOOST_AUTO_TEST_CASE(kubernetes_is_a_file_of_its_own) {
    BOOST_TEST(suppliers::kubernetes()->describe() == "file '/var/run/secrets/tokens/equinix-sts'");
    write("abc\n");
    BOOST_TEST(token_of(suppliers::kubernetes(path)) == "abc");
}

BOOST_AUTO_TEST_CASE(azure_names_its_file_at_each_use) {
    auto const supplier = suppliers::azure_federated_token();
    ::unsetenv("AZURE_FEDERATED_TOKEN_FILE");
    BOOST_TEST(contains(refusal_of(supplier), "'AZURE_FEDERATED_TOKEN_FILE' is unset or empty"));
    write("abc");
    ::setenv("AZURE_FEDERATED_TOKEN_FILE", path.c_str(), 1);
    BOOST_TEST(token_of(supplier) == "abc");
    auto const other = place.file("other", "def");
    ::setenv("AZURE_FEDERATED_TOKEN_FILE", other.c_str(), 1);
    BOOST_TEST(token_of(supplier) == "def");
    ::unsetenv("AZURE_FEDERATED_TOKEN_FILE");
}

BOOST_AUTO_TEST_SUITE_END()
