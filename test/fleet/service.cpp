#include "fleet/service.hpp"

#include <algorithm>
#include <cmath>

namespace fleet {

namespace {

constexpr auto quick = 5ms;    // a refusal
constexpr auto shortest = 10s; // life of a token; one that would end sooner ends with the next
constexpr unsigned slower = 20;

} // namespace

trouble const* service::trouble_at(instant now, unsigned zone, bool connecting) const {
    for (auto const& one : how_->service) {
        bool const concerns_opening = one.how == trouble::kind::refuses || one.how == trouble::kind::silent;
        if (!one.is_on(now) || !one.concerns(zone) || (connecting && !concerns_opening)) continue;
        if (one.share == 1000 || (*random_)() % 1000 < one.share) return &one;
    }
    return nullptr;
}

service::outcome service::connect(instant now, unsigned zone) const {
    auto const* const wrong = trouble_at(now, zone, true);
    if (wrong == nullptr) return outcome::token;
    return wrong->how == trouble::kind::silent ? outcome::nothing : outcome::refused;
}

service::answer service::ask(instant now, unsigned zone) {
    auto const second = static_cast<std::size_t>(now / 1s);
    auto const* const wrong = trouble_at(now, zone, false);
    if (wrong != nullptr && wrong->how == trouble::kind::refuses) return {outcome::refused, quick};
    if (wrong != nullptr && wrong->how == trouble::kind::silent) return {outcome::nothing};
    if (seconds_.size() <= second) seconds_.resize(second + 1);
    ++seconds_[second];
    if (wrong != nullptr && wrong->how == trouble::kind::busy) return {outcome::busy, quick};
    if (!takes_from_quota(now)) {
        ++turned_away_;
        turned_away_at_ = now;
        return {outcome::too_many, quick};
    }
    auto const life = std::chrono::floor<std::chrono::seconds>(life_at(now));
    ends_.push_back(now + life);
    auto const after = latency() * (wrong != nullptr ? slower : 1);
    return {outcome::token, after, static_cast<std::uint32_t>(ends_.size() - 1), life};
}

nanoseconds service::life_at(instant now) const {
    auto const each = how_->all_end_each;
    if (each <= each.zero()) return how_->life;
    auto const left = each - now % each;
    return left > shortest ? left : left + each;
}

bool service::takes_from_quota(instant now) {
    if (how_->quota > 0) {
        auto const passed = std::chrono::duration<double>(now - counted_).count();
        allowed_ = std::min(allowed_ + passed * how_->quota, how_->quota);
        counted_ = now;
        if (allowed_ < 1) return false;
        allowed_ -= 1;
    }
    if (how_->daily_quota == 0) return true;
    auto const day = static_cast<std::size_t>(now / 24h);
    if (day != day_) today_ = 0;
    day_ = day;
    return ++today_ <= how_->daily_quota;
}

/// Half of it at random: most answers come soon, few late.
nanoseconds service::latency() {
    auto const share = static_cast<double>((*random_)() % 1'000'000 + 1) / 1'000'000;
    return how_->latency / 2 + std::chrono::duration_cast<nanoseconds>(how_->latency / 2 * -std::log(share));
}

bool service::is_well(instant now, unsigned zone) const {
    if (turned_away_at_ != instant::min() && now - turned_away_at_ < a_while) return false;
    return std::ranges::none_of(
        how_->service, [&](trouble const& one) { return one.was_on(now, a_while) && one.concerns(zone); });
}

} // namespace fleet
