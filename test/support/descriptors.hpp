// What a process has open, for tests that nothing is left behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <thread>

namespace test {

inline std::size_t entries(char const* folder) {
    auto const list = std::filesystem::directory_iterator(folder);
    return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

inline std::size_t open_descriptors() {
    return entries("/proc/self/fd");
}

inline std::size_t running_threads() {
    std::thread([] {}).join(); // a sanitizer starts a thread of its own beside the first one
    return entries("/proc/self/task");
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

} // namespace test
