#include "check.hpp"

#include <iostream>

namespace {
check* first = nullptr;
}

check::check(char const* name, void (*body)()) : name(name), body(body), next(first) {
    first = this;
}

int main() {
    int count = 0;
    for (auto const* at = first; at; at = at->next) {
        try {
            at->body();
            std::cout << at->name << ": as it should be" << std::endl;
        } catch (std::exception const& error) {
            std::cout << at->name << ": FAILED: " << error.what() << std::endl;
            ++count;
        }
    }
    return count;
}
