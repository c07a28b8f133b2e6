#include "base/http_date.hpp"

#include "base/characters.hpp"

#include <array>
#include <cstdio>

namespace equinix::sts::base {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Consumes the text from its front. After the first mismatch it has failed for good.
class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool literal(std::string_view expected) {
        if (!rest_.starts_with(expected)) return fail();
        rest_.remove_prefix(expected.size());
        return true;
    }

    int digits(std::size_t count, bool space_padded = false) {
        if (rest_.size() < count) return fail(), 0;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            char const c = rest_[i];
            if (c == ' ' && space_padded && i == 0) continue;
            if (c < '0' || c > '9') return fail(), 0;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    template <std::size_t N>
    int name(std::array<std::string_view, N> const& names, std::size_t length = std::string_view::npos) {
        for (std::size_t i = 0; i < N; ++i) {
            auto const candidate = names[i].substr(0, length);
            if (rest_.starts_with(candidate)) {
                rest_.remove_prefix(candidate.size());
                return static_cast<int>(i);
            }
        }
        return fail(), 0;
    }

    /// The next character, which must be one of these.
    char one_of(std::string_view expected) {
        if (rest_.empty() || expected.find(rest_.front()) == std::string_view::npos) return fail(), '\0';
        auto const found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }

    /// A point and digits, if they are there.
    void fraction() {
        if (!rest_.starts_with('.')) return;
        auto const end = rest_.find_first_not_of("0123456789", 1);
        if (end == 1 || end == std::string_view::npos) {
            fail();
            return;
        }
        rest_.remove_prefix(end);
    }

    bool done() const { return ok_ && rest_.empty(); }

private:
    bool fail() { return ok_ = false; }

    std::string_view rest_;
    bool ok_ = true;
};

struct clock_time {
    int hour = 0, minute = 0, second = 0;
};

clock_time read_time(reader& in) {
    clock_time time;
    time.hour = in.digits(2);
    in.literal(":");
    time.minute = in.digits(2);
    in.literal(":");
    time.second = in.digits(2);
    return time;
}

std::optional<sys_seconds> assemble(reader const& in, int y, int month_index, int d, clock_time time) {
    if (!in.done()) return std::nullopt;
    auto const date = year(y) / month(static_cast<unsigned>(month_index + 1)) / day(static_cast<unsigned>(d));
    if (!date.ok() || time.hour > 23 || time.minute > 59 || time.second > 60) return std::nullopt;
    return sys_days(date) + hours(time.hour) + minutes(time.minute) + seconds(time.second);
}

/// Also checks the day of the week.
std::optional<sys_seconds> assemble(reader const& in, int y, int month_index, int d, clock_time time,
                                    int weekday_index) {
    auto const at = assemble(in, y, month_index, d, time);
    if (!at || weekday(floor<days>(*at)).c_encoding() != static_cast<unsigned>(weekday_index))
        return std::nullopt;
    return at;
}

/// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<sys_seconds> imf_fixdate(std::string_view text) {
    reader in(text);
    auto const weekday_index = in.name(day_names, 3);
    in.literal(", ");
    auto const d = in.digits(2);
    in.literal(" ");
    auto const m = in.name(month_names);
    in.literal(" ");
    auto const y = in.digits(4);
    in.literal(" ");
    auto const time = read_time(in);
    in.literal(" GMT");
    return assemble(in, y, m, d, time, weekday_index);
}

/// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<sys_seconds> rfc850(std::string_view text, sys_seconds now) {
    reader in(text);
    auto const weekday_index = in.name(day_names);
    in.literal(", ");
    auto const d = in.digits(2);
    in.literal("-");
    auto const m = in.name(month_names);
    in.literal("-");
    auto const two_digits = in.digits(2);
    in.literal(" ");
    auto const time = read_time(in);
    in.literal(" GMT");
    auto const this_year = int(year_month_day(floor<days>(now)).year());
    auto y = this_year - this_year % 100 + two_digits;
    if (y > this_year + 50) y -= 100;
    if (y <= this_year - 50) y += 100;
    return assemble(in, y, m, d, time, weekday_index);
}

/// Sun Nov  6 08:49:37 1994
std::optional<sys_seconds> asctime(std::string_view text) {
    reader in(text);
    auto const weekday_index = in.name(day_names, 3);
    in.literal(" ");
    auto const m = in.name(month_names);
    in.literal(" ");
    auto const d = in.digits(2, true);
    in.literal(" ");
    auto const time = read_time(in);
    in.literal(" ");
    auto const y = in.digits(4);
    return assemble(in, y, m, d, time, weekday_index);
}

} // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
    if (auto const date = imf_fixdate(text)) return date;
    if (auto const date = rfc850(text, now)) return date;
    return asctime(text);
}

std::optional<seconds> parse_retry_after(std::string_view text, sys_seconds now) {
    if (text.empty()) return std::nullopt;
    if (all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        seconds::rep value = 0;
        for (char const c : text) {
            auto const digit = c - '0';
            if (value > (seconds::max().count() - digit) / 10) return seconds::max();
            value = value * 10 + digit;
        }
        return seconds(value);
    }
    auto const date = parse_http_date(text, now);
    if (!date) return std::nullopt;
    return std::max(seconds(0), *date - now);
}

std::optional<sys_seconds> parse_iso_time(std::string_view text) {
    reader in(text);
    auto const y = in.digits(4);
    in.literal("-");
    auto const m = in.digits(2);
    in.literal("-");
    auto const d = in.digits(2);
    in.one_of("Tt");
    auto const time = read_time(in);
    in.fraction();
    auto const sign = in.one_of("Zz+-");
    bool const has_offset = sign == '+' || sign == '-';
    auto const offset_hours = has_offset ? in.digits(2) : 0;
    if (has_offset) in.literal(":");
    auto const offset = hours(offset_hours) + minutes(has_offset ? in.digits(2) : 0);
    auto const local = assemble(in, y, m - 1, d, time);
    if (!local || offset >= hours(24)) return std::nullopt;
    return sign == '-' ? *local + offset : *local - offset;
}

std::string iso_time(std::chrono::sys_seconds when) {
    using namespace std::chrono;
    auto const day = floor<days>(when);
    year_month_day const date(day);
    hh_mm_ss const time(when - day);
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text;
}

} // namespace equinix::sts::base
