// What a process has open, for tests that nothing is left behind.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

namespace test {

inline std::size_t entries(char const* folder) {
    auto const list = std::filesystem::directory_iterator(folder);
    return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

inline std::size_t open_descriptors() {
    return entries("/proc/self/fd");
}

/// Waits for another thread, such as the mock's, to make it true. False when it never does.
template <class Condition>
bool eventually(Condition holds) {
    auto const patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > patience) return false;
        std::this_thread::yield();
    }
    return true;
}

inline std::size_t running_threads() {
    pid_t other = 0; // a sanitizer starts a thread of its own beside the first one
    std::thread([&other] { other = ::gettid(); }).join();
    // One that was joined is still listed for a moment.
    eventually([&] { return !std::filesystem::exists("/proc/self/task/" + std::to_string(other)); });
    return entries("/proc/self/task");
}

} // namespace test
