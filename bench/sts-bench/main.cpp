// sts-bench: see arguments.cpp for what it can do, and ../README.md for how to read it.
#include "sts-bench/load.hpp"
#include "support/usage.hpp"

#include <equinix/sts/error.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <thread>

namespace bench = equinix::sts::bench;

namespace {

/// On a terminal alone, and gone when the scenario is over.
class progress_line {
public:
    explicit progress_line(bench::scenario const& what) {
        if (::isatty(STDERR_FILENO) != 0)
            shower_ = std::jthread([this, what](std::stop_token ended) { show(what, ended); });
    }

    bench::progress at;

private:
    void show(bench::scenario const& what, std::stop_token const& ended) const {
        std::uint64_t before = 0;
        while (!ended.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(250));
            auto const now = at.exchanges.load(std::memory_order_relaxed);
            std::cerr << "\r\x1b[K" << bench::name_of(what.mode) << ", " << what.concurrency
                      << " concurrent: " << now;
            if (what.exchanges != 0) std::cerr << " of " << what.exchanges;
            std::cerr << ", " << (now - before) * 4 << "/s" << std::flush;
            before = now;
        }
        std::cerr << "\r\x1b[K" << std::flush;
    }

    std::jthread shower_;
};

int run(bench::arguments const& what) {
    bench::allow_many_descriptors();
    bench::service const service(what);
    std::ofstream file;
    bool const to_stdout = what.json == "-";
    if (!what.json.empty() && !to_stdout) {
        file.open(what.json);
        if (!file) {
            std::cerr << "sts-bench: cannot write " << what.json << '\n';
            return 1;
        }
    }
    std::uint64_t errors = 0;
    for (auto const& scenario : what.scenarios) {
        bench::figures figures;
        {
            progress_line line(scenario);
            figures = bench::run(scenario, service, what.scope, line.at);
        }
        errors += figures.errors;
        (to_stdout ? std::cerr : std::cout) << bench::table_of(figures) << std::flush;
        if (!what.json.empty()) (to_stdout ? std::cout : file) << bench::json_of(figures) << std::endl;
    }
    return errors == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) try {
    auto const what = bench::parse_arguments({argv + 1, argv + argc});
    if (what.help) {
        std::cout << bench::help();
        return 0;
    }
    return run(what);
} catch (bench::usage_error const& why) {
    std::cerr << "sts-bench: " << why.what() << '\n';
    return 2;
} catch (std::exception const& why) {
    std::cerr << "sts-bench: " << why.what() << '\n';
    return 1;
}
