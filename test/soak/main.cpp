// sts-soak: what a service that must not fall demands of the client, for long and under bad conditions.
// Prints one page; see --help.
#include "soak/scenario.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace soak {
namespace {

constexpr scenario all[] = {
    {"steady", "S1 S2", steady},
    {"churn", "S3", churn},
    {"killed-server", "S4", killed_server},
    {"cancel-storm", "S5", cancel_storm},
    {"cold-source", "S6", cold_source},
    {"refresh", "S7", refresh},
    {"outage", "S8", outage},
    {"slow-server", "S9", slow_server},
    {"cold-start", "S10", cold_start},
    {"idle", "S12", idle},
    {"bad-network", "S13", bad_network},
};

constexpr char help[] = "usage: sts-soak [--whole] [--exchanges N] [scenario ...]\n"
                        "  --whole        the full scenarios (about 15 minutes); default: short ones\n"
                        "  --exchanges N  the number of exchanges of the scenario steady\n"
                        "Scenarios, all by default:\n";

void write_all(int to, std::string const& text) {
    for (std::size_t done = 0; done < text.size();) {
        auto const wrote = ::write(to, text.data() + done, text.size() - done);
        if (wrote <= 0) ::_exit(1);
        done += static_cast<std::size_t>(wrote);
    }
}

std::string read_all(int from) {
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t got = 0; (got = ::read(from, block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(got));
    return text;
}

/// One finding a line, its parts behind tabs.
std::string as_text(report const& made) {
    std::string text;
    for (auto const& one : made)
        text += one.figure + '\t' + one.demand + '\t' + one.seen + '\t' + (one.met ? "yes" : "NO") + '\n';
    return text;
}

report from_text(std::string const& text) {
    report made;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream parts(line);
        finding one;
        std::string met;
        std::getline(parts, one.figure, '\t');
        std::getline(parts, one.demand, '\t');
        std::getline(parts, one.seen, '\t');
        std::getline(parts, met);
        one.met = met == "yes";
        made.push_back(std::move(one));
    }
    return made;
}

report run_apart(scenario const& which, extent const& how_much) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("a pipe could not be created");
    std::cout.flush();
    auto const child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        try {
            write_all(ends[1], as_text(which.run(how_much)));
        } catch (std::exception const& failed) {
            write_all(ends[1],
                      as_text({{std::string(which.figures), std::string(which.name), failed.what(), false}}));
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    auto made = from_text(read_all(ends[0]));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0 || made.empty())
        made.push_back({std::string(which.figures), std::string(which.name),
                        "the process was terminated by a signal, or printed nothing", false});
    return made;
}

struct arguments {
    extent how_much;
    std::vector<scenario> wanted;
};

arguments read(int count, char** words) {
    arguments made;
    for (int i = 1; i < count; ++i) {
        std::string_view const word = words[i];
        if (word == "--whole") {
            made.how_much.whole = true;
        } else if (word == "--exchanges" && i + 1 < count) {
            made.how_much.exchanges = std::stoull(words[++i]);
        } else {
            auto const before = made.wanted.size();
            for (auto const& one : all)
                if (one.name == word) made.wanted.push_back(one);
            if (made.wanted.size() == before) throw std::invalid_argument(std::string(word));
        }
    }
    if (made.wanted.empty()) made.wanted.assign(std::begin(all), std::end(all));
    return made;
}

} // namespace

void tell(std::string const& how_far) {
    static auto const on_terminal = ::isatty(STDERR_FILENO) != 0;
    static auto last = std::chrono::steady_clock::time_point();
    auto const now = std::chrono::steady_clock::now();
    if (now - last < (on_terminal ? std::chrono::milliseconds(200) : std::chrono::seconds(30))) return;
    last = now;
    std::fprintf(stderr, on_terminal ? "\r\x1b[K%s" : "%s\n", how_far.c_str());
}

} // namespace soak

int main(int count, char** words) try {
    auto const asked = soak::read(count, words);
    auto const start = std::chrono::steady_clock::now();
    bool met = true;
    std::cout << "| | required | measured | met |\n| --- | --- | --- | --- |\n";
    for (auto const& one : asked.wanted) {
        auto const made = soak::run_apart(one, asked.how_much);
        if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\x1b[K", stderr);
        for (auto const& line : made) {
            std::cout << "| " << line.figure << " | " << line.demand << " | " << line.seen << " | "
                      << (line.met ? "yes" : "**NO**") << " |" << std::endl;
            met = met && line.met;
        }
    }
    auto const took =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
    std::cout << "\n" << (met ? "All met" : "NOT all met") << ", in " << took.count() << " s.\n";
    return met ? 0 : 1;
} catch (std::logic_error const& wrong) {
    std::cerr << "invalid argument '" << wrong.what() << "'\n" << soak::help;
    for (auto const& one : soak::all)
        std::cerr << "  " << one.name << " (" << one.figures << ")\n";
    return 2;
}
