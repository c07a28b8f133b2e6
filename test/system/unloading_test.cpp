// A plug-in that is closed, and a program that ends, while the library waits for the system on a detached
// thread.
#include "suppliers/opened_files.hpp"
#include "support/descriptors.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/service.hpp"
#include "system/plugin/plugin.hpp"
#include "system/scripted_system.hpp"
#include "testing/certificates.hpp"

#include <boost/asio/detached.hpp>

#include <dlfcn.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace test;

namespace {

/// The plug-in, loaded once more.
class plug_in {
public:
    plug_in() : handle_(::dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL)) {
        BOOST_REQUIRE_MESSAGE(handle_ != nullptr, ::dlerror());
    }
    plug_in(plug_in const&) = delete;
    plug_in& operator=(plug_in const&) = delete;
    ~plug_in() { ::dlclose(handle_); }

    void begin_and_leave(work_under_way what, std::string const& name, bool (*begun)()) const {
        void* const found = ::dlsym(handle_, "plugin_begin_and_leave");
        BOOST_REQUIRE(found != nullptr);
        ::begin_and_leave* call = nullptr;
        std::memcpy(&call, &found, sizeof(found));
        call(what, name.c_str(), begun);
    }

    static bool is_loaded() {
        void* const handle = ::dlopen(PLUGIN, RTLD_NOW | RTLD_NOLOAD);
        if (handle != nullptr) ::dlclose(handle);
        return handle != nullptr;
    }

private:
    void* handle_;
};

constexpr auto at_once = [] { return true; };

/// Whether the plug-in contains the library, which stays loaded while a thread of its own runs. A plug-in
/// that shares the library with the program may go at once.
#ifdef EQUINIX_STS_SHARED
constexpr bool stays = false;
#else
constexpr bool stays = true;
#endif

/// Each thing that a detached thread waits for, held until it is let go.
struct everything_held {
    folder place;
    std::string const path = place.file("token", "abc");
    watched_file file{path};
    std::string const authority = sts::testing::make_server_identity({"silent.test"}).ca_pem;

    void hold() {
        scripted::silent_name("silent.test");
        scripted::hold_burials();
        file.hold();
    }
    void let_go() {
        scripted::release_names();
        scripted::release_burials();
        file.let_go();
    }
    std::string name_of(work_under_way what) const {
        if (what == work_under_way::look_up) return "silent.test";
        return what == work_under_way::file ? path : "sleep";
    }
};

/// Ends this process by `exit()` while a look-up and a read of a file come back, some time after they did.
[[noreturn]] void end_the_program(everything_held& all, int moment) {
    all.hold();
    auto const before = scripted::lookups();
    auto& context = *new asio::io_context; // as where exit() is called: nothing on the stack is destroyed
    sts::client_options options;
    options.endpoint = sts::endpoint("https://silent.test/");
    options.tls.ca_pem = all.authority;
    // Of all that ends in exit(), a client of its own is the most.
    static sts::client const client(context.get_executor(), options);
    sts::exchange_request const by_name(sts::subject_token("abc"));
    sts::exchange_request const by_file(sts::suppliers::file(all.path));
    asio::co_spawn(context, client.try_exchange(by_name), asio::detached);
    asio::co_spawn(context, client.try_exchange(by_file), asio::detached);
    while (scripted::lookups() == before || all.file.begun() == 0)
        context.poll();
    all.let_go();
    auto const then = std::chrono::steady_clock::now() + std::chrono::microseconds(moment);
    while (std::chrono::steady_clock::now() < then) {
    }
    std::exit(0); // NOLINT(concurrency-mt-unsafe): that it is safe is what is shown
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unloading, everything_held)

BOOST_AUTO_TEST_CASE(L12_a_plug_in_that_is_closed_in_a_look_up_goes_when_that_is_over) {
    static std::size_t before = 0;
    before = scripted::lookups();
    hold();
    plug_in().begin_and_leave(work_under_way::look_up, "silent.test",
                              [] { return scripted::lookups() > before; });
    BOOST_TEST(plug_in::is_loaded() == stays);
    let_go();
    BOOST_TEST(eventually([] { return !plug_in::is_loaded(); }));
}

BOOST_AUTO_TEST_CASE(L12_a_plug_in_that_is_closed_while_a_file_is_read_goes_when_that_is_over) {
    static watched_file const* const watched = &file;
    hold();
    plug_in().begin_and_leave(work_under_way::file, path, [] { return watched->begun() == 1; });
    BOOST_TEST(plug_in::is_loaded() == stays);
    let_go();
    BOOST_TEST(eventually([] { return !plug_in::is_loaded(); }));
}

#if !TEST_ASAN // its search for leaks at the end cannot stop a process that is being collected
BOOST_AUTO_TEST_CASE(L12_a_plug_in_that_is_closed_while_a_command_is_killed_goes_when_that_is_over) {
    hold();
    plug_in().begin_and_leave(work_under_way::command, "sleep", at_once);
    BOOST_TEST(plug_in::is_loaded() == stays);
    let_go();
    BOOST_TEST(eventually([] { return !plug_in::is_loaded(); }));
}
#endif

BOOST_AUTO_TEST_CASE(L12_a_plug_in_is_loaded_and_closed_a_hundred_times_with_threads_under_way) {
    using enum work_under_way;
    for (int round = 0; round < 100; ++round) {
        hold();
        {
            plug_in const host;
            for (auto const what : {look_up, file, command})
                host.begin_and_leave(what, name_of(what), at_once);
            if (round % 2 == 0) let_go(); // they end as it is closed
        }
        let_go();
        BOOST_REQUIRE(eventually([] { return !plug_in::is_loaded(); }));
    }
}

BOOST_AUTO_TEST_CASE(L13_a_program_ends_two_hundred_times_as_a_look_up_and_a_read_come_back) {
    std::fflush(nullptr); // else each child would print what waits there
    for (int moment = 0; moment < 200; ++moment) {
        auto const child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) end_the_program(*this, moment);
        int status = -1;
        BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
        BOOST_REQUIRE_MESSAGE(status == 0, "ended with " << status << " at " << moment);
    }
}

BOOST_AUTO_TEST_SUITE_END()
