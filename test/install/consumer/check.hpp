// What the program looks at: each file registers its check, and main() makes them all.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

/// Ends the check; the text says what failed.
class failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct check {
    check(char const* name, void (*body)());
    char const* name;
    void (*body)();
    check* next;
};

template <typename Have, typename Want>
void equal(char const* what, Have const& have, Want const& want) {
    if (have == want) return;
    std::ostringstream text;
    text << what << " is " << have << ", not " << want;
    throw failed(text.str());
}

inline void holds(bool condition, char const* what) {
    if (!condition) throw failed(what);
}
