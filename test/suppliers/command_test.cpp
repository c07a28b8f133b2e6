// Tokens that a program prints.
#include "suppliers/asking.hpp"
#include "support/denied_call.hpp"
#include "support/descriptors.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

using namespace test;

namespace {

suppliers::supplier_ptr shell_command(std::string const& script) {
    return suppliers::command({"sh", "-c", script});
}

/// Whether any process of the group runs. (As a zombie whose parent does not ask it may be there for long.)
bool group_runs(::pid_t group) {
    for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "stat");
        std::string line;
        if (!std::getline(file, line)) continue;
        std::istringstream after_name(line.substr(line.rfind(')') + 1));
        char state = 'Z';
        ::pid_t parent = 0, of = 0;
        if (after_name >> state >> parent >> of && of == group && state != 'Z' && state != 'X') return true;
    }
    return false;
}

/// Not even a zombie.
bool no_child_is_left() {
    return eventually([] {
        ::siginfo_t about{};
        return ::waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
    });
}

/// A program that works for ever, with a child that does so too, and says so in a file.
struct endless_fixture {
    folder place;
    std::filesystem::path told = place.path() / "pid";
    suppliers::supplier_ptr supplier =
        shell_command("sleep 100000 & echo $$ >" + told.string() + ".new; mv " + told.string() + ".new " +
                      told.string() + "; wait");

    ::pid_t group(asio::io_context& context) const {
        poll_until(context, [&] { return std::filesystem::exists(told); });
        ::pid_t group = 0;
        std::ifstream(told) >> group;
        BOOST_REQUIRE(group > 1);
        BOOST_TEST(group_runs(group));
        return group;
    }

    static void check_gone(::pid_t group) {
        BOOST_TEST(eventually([=] { return !group_runs(group); }));
        BOOST_TEST(no_child_is_left());
    }
};

/// What this process writes to its standard error meanwhile.
class captured_errors {
public:
    explicit captured_errors(std::string const& path) : before_(::dup(STDERR_FILENO)) {
        int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        BOOST_REQUIRE(::dup2(file, STDERR_FILENO) == STDERR_FILENO);
        ::close(file);
    }
    captured_errors(captured_errors const&) = delete;
    captured_errors& operator=(captured_errors const&) = delete;
    ~captured_errors() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
    }

private:
    int before_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(supplier_command)

BOOST_FIXTURE_TEST_CASE(L15_without_pidfd_open_it_ends_in_each_way_as_with_it, endless_fixture) {
    suppliers::command_options hasty;
    hasty.timeout = std::chrono::milliseconds(20);
    auto const descriptors = open_descriptors();
    without_call(SYS_pidfd_open, ENOSYS, [&] {
        BOOST_TEST(token_of(shell_command("sleep 0.1; echo abc")) == "abc");
        BOOST_TEST(refusal_of(shell_command("exit 3")) == "command 'sh' failed with exit code 3");
        BOOST_TEST(refusal_of(suppliers::command({"yes"})) ==
                   "the output of command 'yes' is larger than 64 KiB");
        asio::io_context context;
        asked late(context, suppliers::command({"sleep", "100000"}, hasty));
        BOOST_TEST(late.failure().message == "command 'sleep' did not end in time and was killed");
        asked one(context, supplier);
        auto const group = this->group(context);
        one.cancel();
        BOOST_TEST(one.canceled());
        check_gone(group);
        context.restart();
        context.run(); // nothing keeps it any more
        auto const before = ::signal(SIGCHLD, SIG_IGN);
        auto const message = refusal_of(suppliers::command({"echo", "abc"}));
        ::signal(SIGCHLD, before);
        BOOST_TEST(contains(message, "SIGCHLD is ignored"), message);
    });
    BOOST_TEST(open_descriptors() <= descriptors);
}

BOOST_AUTO_TEST_CASE(its_output_without_white_space_at_both_ends_is_the_token) {
    BOOST_TEST(token_of(suppliers::command({"printf", " abc\r\n"})) == "abc");
}

BOOST_AUTO_TEST_CASE(there_is_no_shell) {
    BOOST_TEST(token_of(suppliers::command({"echo", "$(id)"})) == "$(id)");
}

BOOST_AUTO_TEST_CASE(it_has_no_input) {
    BOOST_TEST(contains(refusal_of(suppliers::command({"cat"})), "the output of command 'cat' is empty"));
}

BOOST_AUTO_TEST_CASE(what_it_says_on_stderr_goes_nowhere) {
    folder const place;
    auto const path = place.file("errors", "");
    {
        captured_errors const meanwhile(path);
        token_of(shell_command("echo canary >&2; echo abc"));
    }
    BOOST_TEST(std::filesystem::file_size(path) == 0u);
}

BOOST_AUTO_TEST_CASE(an_exit_code_is_told_and_neither_output_nor_arguments) {
    auto const message = refusal_of(shell_command("echo canary; echo canary >&2; exit 3"));
    BOOST_TEST(message == "command 'sh' failed with exit code 3");
}

BOOST_AUTO_TEST_CASE(the_signal_that_ended_it_is_told) {
    BOOST_TEST(refusal_of(shell_command("kill -9 $$")) == "command 'sh' was terminated by signal 9");
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_refused) {
    BOOST_TEST(contains(refusal_of(suppliers::command({"equinix-sts-no-such-program"})),
                        "command 'equinix-sts-no-such-program' cannot be started: No such file"));
}

BOOST_AUTO_TEST_CASE(a_token_with_a_blank_inside_is_refused_and_not_told) {
    auto const message = refusal_of(suppliers::command({"printf", "canary canary"}));
    BOOST_TEST(contains(message, "the output of command 'printf' is not a token"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(an_output_without_end_is_refused_and_the_program_killed) {
    BOOST_TEST(refusal_of(suppliers::command({"yes"})) ==
               "the output of command 'yes' is larger than 64 KiB");
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(an_output_of_64_KiB_is_accepted) {
    auto const script = R"(head -c 65536 /dev/zero | tr '\0' a; echo)";
    BOOST_TEST((token_of(shell_command(script)) == std::string(65536, 'a')));
}

BOOST_AUTO_TEST_CASE(when_its_time_is_over_it_is_killed) {
    suppliers::command_options options;
    options.timeout = std::chrono::milliseconds(20);
    asio::io_context context;
    asked one(context, suppliers::command({"sleep", "100000"}, options));
    auto const info = one.failure();
    BOOST_TEST(info.kind == sts::error_kind::timeout);
    BOOST_TEST(info.message == "command 'sleep' did not end in time and was killed");
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(at_the_deadline_of_the_exchange_it_is_killed) {
    asio::io_context context;
    asked one(context, suppliers::command({"sleep", "100000"}), after(std::chrono::milliseconds(20)));
    BOOST_TEST(one.failure().kind == sts::error_kind::timeout);
    BOOST_TEST(no_child_is_left());
}

BOOST_FIXTURE_TEST_CASE(on_cancellation_it_is_killed_with_its_children, endless_fixture) {
    asio::io_context context;
    asked one(context, supplier);
    auto const group = this->group(context);
    one.cancel();
    BOOST_TEST(one.canceled());
    check_gone(group);
    context.run(); // nothing keeps it any more
}

BOOST_FIXTURE_TEST_CASE(at_the_end_of_the_context_it_is_killed_with_its_children, endless_fixture) {
    ::pid_t group = 0;
    {
        asio::io_context context;
        asked const one(context, supplier);
        group = this->group(context);
    }
    check_gone(group);
}

BOOST_AUTO_TEST_CASE(when_it_fails_its_children_are_killed) {
    folder const place;
    auto const told = (place.path() / "pid").string();
    refusal_of(shell_command("sleep 100000 & echo $$ >" + told + "; exit 1"));
    ::pid_t group = 0;
    std::ifstream(told) >> group;
    endless_fixture::check_gone(group);
}

BOOST_AUTO_TEST_CASE(what_it_leaves_in_the_background_holds_nobody_and_lives_on) {
    auto const sleeper = std::stoi(token_of(shell_command("sleep 100000 & echo $!")));
    BOOST_TEST(::kill(sleeper, SIGKILL) == 0);
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(it_leads_a_group_of_its_own) {
    auto const token = token_of(shell_command("read -r pid name state parent group more </proc/$$/stat; "
                                              "echo $pid-$group"));
    auto const dash = token.find('-');
    BOOST_TEST(token.substr(0, dash) == token.substr(dash + 1));
}

BOOST_AUTO_TEST_CASE(no_signal_is_blocked_or_ignored_in_it) {
    sigset_t usr1, before;
    ::sigemptyset(&usr1);
    ::sigaddset(&usr1, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &usr1, &before);
    auto const pipe_before = ::signal(SIGPIPE, SIG_IGN);
    auto const token = token_of(shell_command("while read -r key value; do case $key in SigBlk:|SigIgn:) "
                                              "printf %s. $value;; esac; done </proc/self/status"));
    ::signal(SIGPIPE, pipe_before);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    constexpr auto of_glibc = 0x180000000ULL; // what it has for its threads, and ignores in what it spawns
    BOOST_TEST(std::stoull(token, nullptr, 16) == 0u);
    BOOST_TEST((std::stoull(token.substr(token.find('.') + 1), nullptr, 16) & ~of_glibc) == 0u);
}

BOOST_AUTO_TEST_CASE(an_exit_that_the_system_does_not_tell_is_refused) {
    auto const before = ::signal(SIGCHLD, SIG_IGN);
    auto const message = refusal_of(suppliers::command({"echo", "abc"}));
    ::signal(SIGCHLD, before);
    BOOST_TEST(contains(message, "SIGCHLD is ignored"), message);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_open) {
    auto const descriptors = open_descriptors();
    auto const threads = running_threads();
    token_of(suppliers::command({"echo", "abc"}));
    refusal_of(suppliers::command({"false"}));
    refusal_of(suppliers::command({"yes"}));
    refusal_of(suppliers::command({"equinix-sts-no-such-program"}));
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(eventually([&] { return running_threads() <= threads; }));
    BOOST_TEST(open_descriptors() <= descriptors);
}

BOOST_AUTO_TEST_CASE(many_at_once_on_two_threads_each_get_their_own) {
    asio::io_context context;
    std::vector<std::unique_ptr<asked>> all, left;
    for (int i = 0; i < 20; ++i) {
        all.push_back(std::make_unique<asked>(context, suppliers::command({"echo", std::to_string(i)})));
        left.push_back(std::make_unique<asked>(context, suppliers::command({"sleep", "100000"})));
        left.back()->cancel();
    }
    run_on_two_threads(context);
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(all[static_cast<std::size_t>(i)]->token() == std::to_string(i));
    for (auto const& one : left)
        BOOST_TEST(one->canceled());
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(a_command_that_is_none_is_refused_at_once) {
    refusal([] { suppliers::command({}); });
    refusal([] { suppliers::command({""}); });
    refusal([] { suppliers::command({"echo", std::string("a\0b", 3)}); });
    suppliers::command_options options;
    options.timeout = std::chrono::seconds(0);
    refusal([&] { suppliers::command({"true"}, options); });
}

BOOST_AUTO_TEST_SUITE_END()
