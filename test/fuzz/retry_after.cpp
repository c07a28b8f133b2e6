// `Retry-After` and dates, beside what the C library reads.
#include "base/http_date.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace {

namespace base = equinix::sts::base;
using namespace test;
using namespace std::chrono;

/// As the C library reads the first of the three forms.
sys_seconds read_by_c(std::string const& text) {
    std::tm parts{};
    auto const* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    require(end != nullptr && *end == '\0', "a date that the C library refuses");
    return sys_seconds(seconds(::timegm(&parts)));
}

std::string write_by_c(sys_seconds when) {
    auto const count = static_cast<std::time_t>(when.time_since_epoch().count());
    std::tm parts{};
    ::gmtime_r(&count, &parts);
    std::array<char, 64> text{};
    auto const size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

void check_date(std::string const& text, sys_seconds now) {
    auto const date = base::parse_http_date(text, now);
    if (!date) return;
    if (text.size() == 29 && text[3] == ',')
        require(read_by_c(text) == *date, "another date than the C library's");
    auto const year = static_cast<int>(year_month_day(floor<days>(*date)).year());
    if (year >= 1000 && year <= 9999)
        require(base::parse_http_date(write_by_c(*date), now) == *date, "a date written anew is another one");
}

/// What the field's two forms mean.
std::optional<seconds> wait_of(std::string const& text, sys_seconds now) {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
        return seconds(std::strtoll(text.c_str(), nullptr, 10)); // the largest there is, for one beyond that
    }
    auto const date = base::parse_http_date(text, now);
    if (!date) return std::nullopt;
    return std::max(*date - now, seconds(0));
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const text(text_of(data, size));
    for (auto const now :
         {sys_seconds(), sys_seconds(sys_days(2026y / 11 / 24)), sys_seconds(sys_days(2199y / 12 / 31))}) {
        check_date(text, now);
        auto const wait = base::parse_retry_after(text, now);
        require(wait == wait_of(text, now), "another wait than the number's or the date's");
    }
    return 0;
}
