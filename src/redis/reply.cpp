#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <utility>

namespace equinix::sts::redis_detail {
namespace {

constexpr std::size_t most_elements = 64; ///< of an array; no reply that is asked for has more

/// The place of the object that hiredis is about to read: in its array, or by itself.
reply* place_of(redisReadTask const* task) {
    if (task->parent == nullptr) return new reply();
    auto& elements = static_cast<reply*>(task->parent->obj)->elements;
    elements.emplace_back();
    return &elements.back();
}

/// hiredis takes null for lack of memory. `fill` must not keep the pointer.
template <class Fill>
void* made(redisReadTask const* task, Fill fill) noexcept try {
    auto* const one = place_of(task);
    fill(*one);
    return one;
} catch (std::bad_alloc const&) {
    return nullptr;
}

void* make_text(redisReadTask const* task, char* bytes, std::size_t size) {
    return made(task, [&](reply& one) {
        one.is = task->type == REDIS_REPLY_ERROR    ? reply::type::error
                 : task->type == REDIS_REPLY_STATUS ? reply::type::status
                                                    : reply::type::text;
        one.text.assign(bytes, size);
    });
}

void* make_integer(redisReadTask const* task, long long value) {
    return made(task, [&](reply& one) {
        one.is = reply::type::integer;
        one.integer = value;
    });
}

void* make_nil(redisReadTask const* task) {
    return made(task, [](reply&) {});
}

void free_reply(void* one) {
    delete static_cast<reply*>(one);
}

/// Types of RESP3, which nobody asked for, are refused. Older versions of hiredis do not know them.
template <class Functions>
void refuse_others(Functions& of) {
    if constexpr (requires { of.createDouble; })
        of.createDouble = [](redisReadTask const*, double, char*, std::size_t) -> void* { return nullptr; };
    if constexpr (requires { of.createBool; })
        of.createBool = [](redisReadTask const*, int) -> void* { return nullptr; };
}

redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions all = [] {
        redisReplyObjectFunctions made_of{};
        made_of.createString = make_text;
        // The type of the count differs between versions of hiredis.
        made_of.createArray = [](redisReadTask const* task, auto count) -> void* {
            if (static_cast<std::size_t>(count) > most_elements) return nullptr;
            return made(task, [&](reply& one) {
                one.is = reply::type::array;
                // An element's address is kept while it is read.
                one.elements.reserve(static_cast<std::size_t>(count));
            });
        };
        made_of.createInteger = make_integer;
        made_of.createNil = make_nil;
        made_of.freeObject = free_reply;
        refuse_others(made_of);
        return made_of;
    }();
    return &all;
}

} // namespace

std::string_view reply::error_code() const noexcept {
    return std::string_view(text).substr(0, text.find(' '));
}

void append_command(base::wiped_buffer& out, std::vector<std::string_view> const& arguments) {
    base::append(out, "*" + std::to_string(arguments.size()) + "\r\n");
    for (auto const one : arguments) {
        base::append(out, "$" + std::to_string(one.size()) + "\r\n");
        base::append(out, one);
        base::append(out, "\r\n");
    }
}

struct reply_reader::state {
    state() : reader(redisReaderCreateWithFunctions(functions())) {
        if (reader == nullptr) throw std::bad_alloc();
    }
    state(state const&) = delete;
    state& operator=(state const&) = delete;
    ~state() { redisReaderFree(reader); }

    redisReader* const reader;
};

reply_reader::reply_reader() : state_(std::make_unique<state>()) {}

reply_reader::~reply_reader() = default;

bool reply_reader::feed(std::string_view bytes) {
    waiting_ += bytes.size();
    if (waiting_ > largest_reply || redisReaderFeed(state_->reader, bytes.data(), bytes.size()) != REDIS_OK)
        broken_ = true;
    return !broken_;
}

std::optional<reply> reply_reader::next() {
    if (broken_) return std::nullopt;
    void* got = nullptr;
    if (redisReaderGetReply(state_->reader, &got) != REDIS_OK) {
        broken_ = true;
        return std::nullopt;
    }
    if (got == nullptr) return std::nullopt;
    waiting_ = state_->reader->len - state_->reader->pos;
    std::unique_ptr<reply> const owned(static_cast<reply*>(got));
    return std::move(*owned);
}

} // namespace equinix::sts::redis_detail
