#include "client/shared_streams.hpp"

#include "base/failure.hpp"

#include <boost/assert.hpp>

#include <exception>
#include <utility>

namespace equinix::sts::client_detail {

using net::http2_exchange;

net::session_step shared_streams::advance(work what, shared_stream*& over) {
    for (auto* begun = what.begun; begun != nullptr; begun = std::exchange(begun->begun_after, nullptr))
        begin(*begun);
    if (what.asks) session_.ping();
    auto const read = what.reads ? session_.receive() : net::session_step::want_read;
    auto const wrote = session_.send();
    collect(over);
    if (read == net::session_step::failed || wrote == net::session_step::want_read) return read;
    return wrote;
}

void shared_streams::begin(operation& op) {
    auto& one = place_for(op);
    op.requested = now_on_both_clocks();
    try {
        op.write_request(request_);
        session_.start(one, base::view(request_));
    } catch (std::exception const& why) {
        auto const* const known = dynamic_cast<error const*>(&why);
        one.is = http2_exchange::state::failed;
        one.failure = known != nullptr ? base::copy_of(known->info()) : base::without_memory(phase::write);
        one.next = std::exchange(refused_, &one);
    }
    if (one.is == http2_exchange::state::open) session_.collect();
    // The usual request is in frames now, so that one buffer serves all.
    if (one.is == http2_exchange::state::open && !one.request_complete) one.request.swap(request_);
    base::wipe(request_);
}

shared_stream& shared_streams::place_for(operation& op) {
    if (free_ == nullptr) {
        all_.push_back(std::make_unique<shared_stream>());
        free_ = all_.back().get();
        free_->next = nullptr;
    }
    auto& one = *std::exchange(free_, free_->next);
    one.next = nullptr;
    one.whose = &op;
    op.stream = &one;
    return one;
}

void shared_streams::collect(shared_stream*& over) noexcept {
    auto const add = [&over](shared_stream& one) { one.next = std::exchange(over, &one); };
    while (auto* const one = refused_) {
        refused_ = one->next;
        add(*one);
    }
    while (auto* const ended = session_.next_over()) {
        auto& one = static_cast<shared_stream&>(*ended);
        // What was not processed counts as never sent.
        if (one.is == http2_exchange::state::answered || one.is == http2_exchange::state::failed)
            if (session_.was_sent(one)) one.whose->fsm.request_sent();
        if (one.is == http2_exchange::state::answered) judge(one);
        add(one);
    }
}

void shared_streams::judge(shared_stream& one) noexcept {
    try {
        auto why = one.whose->judge(one.answer.view());
        one.brings_error = why.has_value();
        if (why) one.failure = std::move(*why);
    } catch (std::exception const&) {
        one.is = http2_exchange::state::failed;
        one.failure = base::without_memory(phase::parse);
    }
}

void shared_streams::give_up(error_info const& why, shared_stream*& over) noexcept {
    session_.give_up(why);
    collect(over);
}

void shared_streams::cancel(operation& op, base::clock::time_point now) noexcept {
    auto& one = *op.stream;
    BOOST_ASSERT(one.whose == &op);
    // What is in frames already will be sent.
    bool const will_be_sent = session_.is_to_be_sent(one);
    if (will_be_sent) op.fsm.request_sent();
    if (one.is == http2_exchange::state::open) session_.cancel(one, !will_be_sent || resets_.take(now));
    release(one);
}

void shared_streams::release(shared_stream& one) noexcept {
    one.whose->stream = nullptr;
    one.whose = nullptr;
    one.brings_error = false;
    base::wipe_and_shrink(one.request);
    base::wipe_and_shrink(one.answer.body);
    one.next = std::exchange(free_, &one);
}

} // namespace equinix::sts::client_detail
