// sts-fleet: what a fleet of processes does, simulated. See doc/fleet.md.
#include "fleet/shrink.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <string>

namespace {

using namespace fleet;

constexpr char usage[] =
    R"(usage: sts-fleet [--scenario NAME] [--seeds N] [--seed S] [--processes N] [--plant DEFECT]
                 [--series | --quiet] [--unchecked]
       sts-fleet --list-scenarios | --list-defects

Runs each scenario, or NAME, with N seeds (1) from S (1) on, and prints a line of JSON for each run. Exit code 1: an
invariant broke; the seed and the event are printed, and the smallest scenario found in which the same breaks.
  --processes N   at most so many processes, and tokens of each
  --plant DEFECT  in its own scenario, unless --scenario names another
  --unchecked     go on when an invariant breaks, as for the figures of a defect
  --quiet         only a line for all runs
  --series        also the requests of each second, and the processes without a token each ten seconds
)";

struct options {
    scenario const* only = nullptr;
    std::uint64_t seed = 1, seeds = 1;
    std::size_t processes = 0;
    known_defect const* planted = nullptr;
    bool series = false, quiet = false, unchecked = false;
};

[[noreturn]] void refuse(std::string const& why) {
    std::cerr << "sts-fleet: " << why << "\n" << usage;
    std::exit(2);
}

std::uint64_t number(std::string const& option, std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc() || end != text.data() + text.size() || value == 0)
        refuse(option + " needs a positive number, not '" + std::string(text) + "'");
    return value;
}

double in_seconds(nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

void print(std::vector<std::uint32_t> const& list) {
    std::cout << '[';
    for (std::size_t i = 0; i < list.size(); ++i)
        std::cout << (i == 0 ? "" : ",") << list[i];
    std::cout << ']';
}

void print(scenario const& how, std::uint64_t seed, figures const& seen, bool series) {
    std::cout << R"({"scenario":")" << how.name << R"(","seed":)" << seed << R"(,"processes":)"
              << how.processes << R"(,"seconds":)" << in_seconds(how.run_for) << R"(,"events":)"
              << seen.events << R"(,"exchanges":)" << seen.exchanges << R"(,"requests":)" << seen.requests
              << R"(,"tokens":)" << seen.tokens << R"(,"turned_away":)" << seen.turned_away
              << R"(,"peak_a_second":)" << seen.peak << R"(,"callers_waited":)" << seen.waited
              << R"(,"callers_failed":)" << seen.failed << R"(,"longest_wait":)"
              << in_seconds(seen.longest_wait) << R"(,"all_served":)";
    if (seen.all_served)
        std::cout << in_seconds(*seen.all_served);
    else
        std::cout << "null";
    std::cout << R"(,"least_budget":)" << seen.least_budget;
    if (series) {
        std::cout << R"(,"per_second":)";
        print(seen.per_second);
        std::cout << R"(,"without":)";
        print(seen.without);
    }
    std::cout << "}" << std::endl;
}

options parse(int count, char** words) {
    options given;
    for (int i = 1; i < count; ++i) {
        std::string const option = words[i];
        auto const value = [&]() -> std::string_view {
            if (++i == count) refuse(option + " needs a value");
            return words[i];
        };
        if (option == "--list-scenarios") {
            for (auto const& one : scenarios())
                std::cout << one.name << ": " << one.about << "\n";
            std::exit(0);
        } else if (option == "--list-defects") {
            for (auto const& one : defects)
                std::cout << one.name << ": " << one.about << "\n";
            std::exit(0);
        } else if (option == "--help") {
            std::cout << usage;
            std::exit(0);
        } else if (option == "--scenario") {
            auto const name = value();
            given.only = find(name);
            if (given.only == nullptr)
                refuse("no scenario '" + std::string(name) + "': see --list-scenarios");
        } else if (option == "--plant") {
            auto const name = value();
            for (auto const& one : defects)
                if (one.name == name) given.planted = &one;
            if (given.planted == nullptr) refuse("no defect '" + std::string(name) + "': see --list-defects");
        } else if (option == "--seed") {
            given.seed = number(option, value());
        } else if (option == "--seeds") {
            given.seeds = number(option, value());
        } else if (option == "--processes") {
            given.processes = number(option, value());
        } else if (option == "--unchecked") {
            given.unchecked = true;
        } else if (option == "--quiet") {
            given.quiet = true;
        } else if (option == "--series") {
            given.series = true;
        } else {
            refuse("no option '" + option + "'");
        }
    }
    if (given.planted != nullptr && given.only == nullptr) given.only = find(given.planted->found_by);
    return given;
}

/// Says what broke, and in which smaller fleet it also does.
void explain(scenario const& how, std::uint64_t seed, std::optional<defect> planted, broken const& why) {
    std::cout << "BROKEN: " << to_string(why.which) << ": " << why.what << "\n  scenario " << how.name
              << ", seed " << seed << ", event " << why.event << ", " << how.processes << " processes"
              << std::endl;
    auto const least = shrink(how, seed, planted, why);
    std::cout << "  smallest: " << least.how.processes << " processes, " << in_seconds(least.how.run_for)
              << " s, " << least.how.service.size() << " troubles of the service, " << least.how.store.size()
              << " of the store, event " << least.why.event << ": " << least.why.what << std::endl;
}

} // namespace

int main(int count, char** words) {
    auto const given = parse(count, words);
    auto const planted = given.planted != nullptr ? std::optional(given.planted->is) : std::nullopt;
    bool all_hold = true;
    std::uint64_t runs = 0, events = 0;
    double process_days = 0;
    for (auto const& each : scenarios()) {
        if (given.only != nullptr && given.only != &each) continue;
        auto how = each;
        if (given.processes != 0) {
            how.processes = std::min(how.processes, given.processes);
            how.keys = std::min(how.keys, given.processes);
        }
        for (auto seed = given.seed; seed < given.seed + given.seeds; ++seed)
            try {
                auto const seen = simulation(how, seed, planted, given.unchecked).run();
                ++runs;
                events += seen.events;
                process_days +=
                    static_cast<double>(how.processes) * in_seconds(how.run_for) / in_seconds(24h);
                if (!given.quiet) print(how, seed, seen, given.series);
            } catch (broken const& why) {
                explain(how, seed, planted, why);
                all_hold = false;
                break;
            }
    }
    if (all_hold)
        std::cerr << runs << " runs, " << process_days << " days of processes, " << events
                  << (given.unchecked ? " events\n" : " events: every invariant holds\n");
    return all_hold ? 0 : 1;
}
