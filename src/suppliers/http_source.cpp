#include "suppliers/http_source.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/lock.hpp"
#include "client/fetch.hpp"
#include "client/operation_wait.hpp"
#include "values/check_options.hpp"
#include "values/header_field.hpp"

#include <boost/asio/query.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace equinix::sts::suppliers_detail {

namespace asio = boost::asio;

namespace {

std::vector<std::string> member_of(suppliers::http_options const& options) {
    if (options.json_pointer.empty()) {
        if (options.json_member.empty()) return {};
        return {options.json_member};
    }
    if (!options.json_member.empty())
        base::refuse("http_options::json_pointer", " and json_member exclude each other");
    auto path = core::parse_json_pointer(options.json_pointer);
    if (!path)
        base::refuse("http_options::json_pointer", " is not a JSON pointer, such as /data/token (RFC 6901)");
    return std::move(*path);
}

std::string method_of(suppliers::http_options const& options) {
    bool const has_body = !options.body.empty();
    if (options.method.empty()) return has_body ? "POST" : "GET";
    for (std::string_view const known : {"GET", "POST", "PUT"})
        if (options.method == known) {
            if (has_body && known == "GET")
                base::refuse("http_options::body", " is set for a GET, which has none");
            return options.method;
        }
    base::refuse("http_options::method", " must be GET, POST or PUT");
}

/// Keeps no connection open between two fetches: it would keep the context running.
client_options pooling_of(client_options options) {
    options.pool = pool_options();
    options.pool.max_uses = 1;
    options.pool.idle_timeout = std::chrono::nanoseconds(1);
    options.thread_safe = true; // several clients may share the supplier
    return options;
}

} // namespace

void check_own_headers(suppliers::http_options const& options, std::initializer_list<std::string_view> own,
                       std::string_view supplier) {
    for (auto const& [name, value] : options.headers)
        for (auto const one : own)
            if (base::iequals(name, one))
                base::refuse("http_options::headers",
                             ": '" + std::string(one) + "' is set by " + std::string(supplier));
}

/// A pool that ends when neither the source nor a fetch uses it any longer.
class http_source::transport {
public:
    transport(asio::any_io_executor const& executor, client_options options, net::destination const& to,
              std::shared_ptr<net::resolver> const& names)
        : to_(to) {
        if (to.plain) options.proxy.reset();
        connections = std::make_shared<client_detail::pool>(executor, options, to, names);
    }
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    ~transport() { connections->close(); }

    bool goes_to(net::destination const& to) const {
        return to.host == to_.host && to.port == to_.port && to.plain == to_.plain;
    }

    std::shared_ptr<client_detail::pool> connections;

private:
    net::destination to_;
};

http_source::http_source(std::string name, suppliers::http_options options, core::missing_page not_found)
    : name_(std::move(name)), options_(std::move(options)), member_(member_of(options_)),
      method_(method_of(options_)), not_found_(not_found), pooling_(pooling_of(options_.connection)) {
    values::check_options(options_.connection);
    core::check_headers(options_.headers);
    values::user_agent_line(options_.connection);
    subject_token const of_this_type("any", options_.type); // throws when it is not a token type
}

http_source::~http_source() = default;

base::wiped_buffer http_source::request(token_url const& url, std::vector<core::secret_header> more) const {
    auto headers = options_.headers;
    std::move(more.begin(), more.end(), std::back_inserter(headers));
    core::fetch_target what;
    what.method = method_;
    what.authority = url.authority;
    what.target = url.target;
    what.accept = member_.empty() ? "*/*" : "application/json";
    return core::fetch_request(what, options_.connection, headers, options_.body.reveal());
}

asio::awaitable<subject_token> http_source::fetch(net::destination from, base::wiped_buffer request,
                                                  supply_context context) {
    return fetch_token(shared_from_this(), std::move(from), std::move(request), std::move(context));
}

asio::awaitable<secret> http_source::fetch_document(net::destination from, base::wiped_buffer request,
                                                    supply_context context) {
    return run(shared_from_this(), std::move(from), std::move(request), core::fetched_part::document(),
               std::move(context));
}

asio::awaitable<subject_token> http_source::fetch_token(std::shared_ptr<http_source> self,
                                                        net::destination from, base::wiped_buffer request,
                                                        supply_context context) {
    auto part = core::fetched_part::token(self->member_);
    auto text = co_await run(self, std::move(from), std::move(request), std::move(part), std::move(context));
    subject_token token(std::move(text), self->options_.type);
    co_return token;
}

asio::awaitable<secret> http_source::run(std::shared_ptr<http_source> self, net::destination from,
                                         base::wiped_buffer request, core::fetched_part part,
                                         supply_context context) {
    auto const before = co_await asio::this_coro::cancellation_state;
    if (client_detail::was_canceled(before))
        throw error(
            base::failure(error_kind::canceled, phase::none, "cancelled before the token was fetched"));
    auto const started = base::clock::now();
    auto over = self->transport_to(from, context.executor());
    client_detail::fetch op(std::move(request), std::move(part), self->not_found_);
    op.deadline = std::min(context.deadline(), base::after(started, self->options_.connection.timeout));
    op.fsm = core::exchange_fsm(started, op.deadline, op.supplier != nullptr);
    client_detail::operation_wait wait(*over->connections, op);
    co_await client_detail::suspend(wait);
    if (op.fsm.failure() == nullptr) co_return std::move(op.got);
    auto why = op.fsm.take_failure();
    // A connection may still be opening for a fetch that has left.
    if (why.kind == error_kind::canceled || why.kind == error_kind::timeout) self->forget(over);
    why.message.insert(0, self->name_ + ": ");
    throw error(std::move(why));
}

/// The pool for a host on an executor's context. A new pool replaces one for another host on that context;
/// those on other contexts are left alone while their contexts exist.
std::shared_ptr<http_source::transport> http_source::transport_to(net::destination const& from,
                                                                  asio::any_io_executor const& executor) {
    auto& context = asio::query(executor, asio::execution::context);
    std::vector<std::shared_ptr<transport>> lost;
    std::shared_ptr<transport> replaced; // both are destroyed after the lock
    base::mutex_lock const lock(mutex_);
    auto const from_here = std::partition(transports_.begin(), transports_.end(), [](auto const& one) {
        return !one->connections->has_lost_context();
    });
    lost.assign(std::make_move_iterator(from_here), std::make_move_iterator(transports_.end()));
    transports_.erase(from_here, transports_.end());
    auto const here = std::find_if(transports_.begin(), transports_.end(),
                                   [&](auto const& one) { return one->connections->lives_on(context); });
    if (here != transports_.end() && (*here)->goes_to(from)) return *here;
    auto made = std::make_shared<transport>(executor, pooling_, from, names_);
    if (here == transports_.end())
        transports_.push_back(made);
    else
        replaced = std::exchange(*here, made);
    return made;
}

/// Makes a pool end with the last fetch on it.
void http_source::forget(std::shared_ptr<transport> const& one) noexcept {
    base::mutex_lock const lock(mutex_);
    std::erase(transports_, one); // the caller holds a reference
}

} // namespace equinix::sts::suppliers_detail
