// Events of a cache in any order, against a model of it.
#pragma once

#include "core/cache_core.hpp"
#include "support/byte_source.hpp"

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;

struct cached_number final : core::cache_key {
    explicit cached_number(std::uint64_t number) : cache_key({number * 0x9e3779b97f4a7c15U, number}) {}

    bool used = false;
};

inline bool was_used(core::cache_key& one) noexcept {
    return std::exchange(static_cast<cached_number&>(one).used, false);
}

/// The rules in plain words: a list, a hand, and a look at all for the earliest end.
class cache_model {
public:
    struct key {
        std::uint64_t number;
        base::clock::time_point end;
        bool idle = false, used = false;
    };

    key* find(std::uint64_t number) {
        auto const at = at_number(number);
        return at == all_.end() ? nullptr : &*at;
    }
    void add(std::uint64_t number) { all_.push_back(key{number, {}}); }
    void remove(std::uint64_t number) {
        auto const at = at_number(number);
        auto const next = all_.erase(at);
        if (hand_ == at) hand_ = next;
    }
    std::size_t size() const { return all_.size(); }

    key* first_to_go(base::clock::time_point now) {
        key* first = nullptr;
        bool any = false;
        for (auto& one : all_) {
            any = any || one.idle;
            if (one.idle && one.end <= now && (first == nullptr || one.end < first->end)) first = &one;
        }
        if (first != nullptr || !any) return first;
        for (;; ++hand_) {
            if (hand_ == all_.end()) hand_ = all_.begin();
            if (hand_->idle && !std::exchange(hand_->used, false)) return &*hand_;
        }
    }

private:
    std::list<key>::iterator at_number(std::uint64_t number) {
        return std::find_if(all_.begin(), all_.end(), [&](key const& one) { return one.number == number; });
    }

    std::list<key> all_;
    std::list<key>::iterator hand_ = all_.end();
};

class cache_events {
public:
    explicit cache_events(byte_source choices) noexcept : choices_(choices) {}
    cache_events(cache_events const&) = delete;
    cache_events& operator=(cache_events const&) = delete;
    ~cache_events() {
        core_.clear([](core::cache_key*) {});
    }

    /// Until there are no more choices. Throws where the cache does not do what the model does.
    void run() {
        while (!choices_.empty()) {
            next();
            require(core_.size() == expected_.size(), "the cache has another number of keys");
        }
    }

private:
    static constexpr std::size_t most = 40;

    void next() {
        std::uint64_t const number = choices_.below(2 * most);
        auto const known = all_.find(number);
        switch (choices_.below(6)) {
        case 0:
            if (known == all_.end() && !core_.is_full()) add(number);
            break;
        case 1:
            if (known != all_.end() && !known->second->idle) idle(*known->second);
            break;
        case 2:
            if (known == all_.end()) break;
            core_.busy(*known->second);
            expected_.find(number)->idle = false;
            break;
        case 3:
            if (known == all_.end()) break;
            known->second->used = expected_.find(number)->used = true;
            break;
        case 4:
            if (known != all_.end() && choices_.one_in(4)) remove(number);
            break;
        default:
            evict();
        }
    }

    void add(std::uint64_t number) {
        auto made = std::make_unique<cached_number>(number);
        core_.reserve(made->key);
        core_.add(*made);
        expected_.add(number);
        all_[number] = std::move(made);
    }
    void idle(cached_number& one) {
        // All different, because the order of equal ends is not specified.
        auto const end = now_ + std::chrono::seconds(choices_.below(100)) + std::chrono::nanoseconds(++ends_);
        core_.idle(one, end);
        expected_.find(one.key[1])->idle = true;
        expected_.find(one.key[1])->end = end;
    }
    void remove(std::uint64_t number) {
        core_.remove(*all_[number]);
        all_.erase(number);
        expected_.remove(number);
    }
    void evict() {
        auto const at = now_ + std::chrono::seconds(choices_.below(20));
        auto const* const goes = core_.first_to_go(at, was_used);
        auto const* const should = expected_.first_to_go(at);
        require((goes == nullptr) == (should == nullptr), "only one of them has a key to evict");
        if (goes == nullptr) return;
        require(goes->key[1] == should->number, "another key is to go");
        if (choices_.one_in(2)) remove(should->number); // otherwise it stays after all
    }

    byte_source choices_;
    base::clock::time_point const now_ = base::clock::time_point() + std::chrono::hours(1000);
    std::int64_t ends_ = 0;
    core::cache_core core_{most};
    cache_model expected_;
    std::map<std::uint64_t, std::unique_ptr<cached_number>> all_;
};

} // namespace test
