#include "tool/doctor/report.hpp"

#include "tool/ascii_json.hpp"
#include "tool/exit_code.hpp"
#include "tool/terminal.hpp"

#include <boost/json/object.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

namespace equinix::sts::tool::doctor {
namespace {

namespace json = boost::json;

std::string indented(std::string text) {
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
        text.insert(at + 1, 22, ' ');
    return text;
}

void print(finding const& found) {
    constexpr std::string_view marks[] = {"ok  ", "note", "BAD "};
    constexpr colour colours[] = {colour::green, colour::yellow, colour::red};
    static_assert(std::size(marks) == static_cast<std::size_t>(verdict::bad) + 1);
    static_assert(std::size(colours) == std::size(marks));
    auto const index = static_cast<std::size_t>(found.is);
    bool const coloured = is_coloured(STDOUT_FILENO);
    std::cout << painted(coloured, colours[index], marks[index]) << "  " << found.topic
              << std::string(16 - std::min<std::size_t>(found.topic.size(), 15), ' ') << indented(found.what)
              << '\n';
    if (!found.advice.empty())
        std::cout << std::string(22, ' ') << painted(coloured, colour::faint, "what to do: ")
                  << indented(found.advice) << '\n';
    std::cout.flush();
}

json::object object_of(finding const& found) {
    constexpr char const* verdicts[] = {"ok", "note", "bad"};
    static_assert(std::size(verdicts) == static_cast<std::size_t>(verdict::bad) + 1);
    json::object made;
    made["verdict"] = verdicts[static_cast<std::size_t>(found.is)];
    made["topic"] = found.topic;
    made["what"] = found.what;
    if (!found.advice.empty()) made["advice"] = found.advice;
    return made;
}

std::string counted(int number, std::string const& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

} // namespace

void report::tell(finding const& found) {
    if (found.is == verdict::bad) ++bad_;
    if (found.is == verdict::note) ++notes_;
    if (as_json_)
        found_.push_back(object_of(found));
    else
        print(found);
}

int report::conclude() {
    if (as_json_) {
        json::object all;
        all["findings"] = std::move(found_);
        all["problems"] = bad_;
        all["notes"] = notes_;
        std::cout << ascii_json(all) << '\n';
    } else {
        std::cout << (bad_ == 0 ? "no problems" : counted(bad_, "problem"))
                  << (notes_ > 0 ? ", " + counted(notes_, "note") : "") << '\n';
    }
    return bad_ == 0 ? success : some_failure;
}

} // namespace equinix::sts::tool::doctor
