#include "base/detached_worker.hpp"
#include "base/failure.hpp"
#include "stores/answer_wait.hpp"
#include "stores/key_file.hpp"
#include "stores/store_folder.hpp"

#include <equinix/sts/file_store.hpp>

#include <boost/asio/this_coro.hpp>

#include <functional>
#include <system_error>
#include <utility>

namespace equinix::sts {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using stores_detail::store_folder;

namespace {

/// The result of an operation, of whichever type.
struct outcome {
    std::optional<error_info> failure;
    stored_record found;
    store_lease lease;
    bool yes = false;

    outcome& take(result<stored_record> got) {
        if (got.has_error())
            failure = got.error();
        else
            found = std::move(*got);
        return *this;
    }
    outcome& take(result<store_lease> got) {
        if (got.has_error())
            failure = got.error();
        else
            lease = std::move(*got);
        return *this;
    }
    outcome& take(result<bool> got) {
        if (got.has_error())
            failure = got.error();
        else
            yes = *got;
        return *this;
    }
};

using operation = std::function<void(store_folder&, outcome&)>;
using operation_ptr = std::shared_ptr<operation const>;

/// One operation on the directory. Compared by identity, so that each is performed.
struct job {
    job(std::shared_ptr<store_folder> folder, operation_ptr perform)
        : on(std::move(folder)), what(std::move(perform)) {}

    std::shared_ptr<store_folder> on;
    operation_ptr what;
    friend bool operator==(job const& a, job const& b) noexcept { return a.what == b.what; }
};

outcome perform(job const& one) {
    outcome out;
    try {
        (*one.what)(*one.on, out);
    } catch (error const& failed) {
        out.failure = failed.info();
    }
    return out;
}

outcome without_memory() {
    outcome out;
    out.failure = base::without_memory(phase::store);
    return out;
}

using worker = base::detached_worker<job, outcome>;
using outcome_ptr = std::shared_ptr<outcome const>;

/// Performs an operation on the worker.
asio::awaitable<outcome_ptr> run(std::shared_ptr<worker> on, job what, std::chrono::nanoseconds bound) {
    auto const executor = co_await asio::this_coro::executor;
    stores_detail::answer_wait<outcome> waits(executor, bound);
    auto const none = std::make_shared<outcome>();
    try {
        on->start(what, waits.pending());
    } catch (std::system_error const& no_thread) {
        none->failure = base::failure(error_kind::network, phase::store, "no thread could be started",
                                      {no_thread.code().value(), boost::system::system_category()});
        co_return none;
    }
    auto came = co_await waits.get();
    if (came) co_return came;
    none->failure = base::failure(waits.canceled() ? error_kind::canceled : error_kind::timeout, phase::store,
                                  "the token store's directory did not respond in time");
    co_return none;
}

// The results of operations. Not one template: g++ 14 crashes on that.

asio::awaitable<result<stored_record>> record_of(std::shared_ptr<worker> on, job what,
                                                 std::chrono::nanoseconds bound) {
    auto const came = co_await run(std::move(on), std::move(what), bound);
    if (came->failure) co_return *came->failure;
    co_return came->found;
}

asio::awaitable<result<store_lease>> lease_of(std::shared_ptr<worker> on, job what,
                                              std::chrono::nanoseconds bound) {
    auto const came = co_await run(std::move(on), std::move(what), bound);
    if (came->failure) co_return *came->failure;
    co_return came->lease;
}

asio::awaitable<result<bool>> answer_of(std::shared_ptr<worker> on, job what,
                                        std::chrono::nanoseconds bound) {
    auto const came = co_await run(std::move(on), std::move(what), bound);
    if (came->failure) co_return *came->failure;
    co_return came->yes;
}

class in_directory final : public token_store {
public:
    explicit in_directory(std::string path)
        : folder_(std::make_shared<store_folder>(std::move(path))),
          worker_(std::make_shared<worker>(perform, worker::late::calls_new, without_memory())) {}

    asio::awaitable<result<stored_record>> look(std::string name, store_bounds within) override {
        return start(record_of, within,
                     [name = std::move(name)](store_folder& on, outcome& out) { out.take(on.look(name)); });
    }

    asio::awaitable<result<bool>> swap(std::string name, std::optional<std::string> expected,
                                       std::optional<std::string> desired, milliseconds life,
                                       store_bounds within) override {
        return start(answer_of, within,
                     [name = std::move(name), expected = std::move(expected), desired = std::move(desired),
                      life, bound = within.command](store_folder& on, outcome& out) {
                         out.take(on.swap(name, expected, desired, life, bound));
                     });
    }

    asio::awaitable<result<store_lease>> acquire(std::string name, std::string owner, milliseconds life,
                                                 store_bounds within) override {
        return start(lease_of, within,
                     [name = std::move(name), owner = std::move(owner),
                      life](store_folder& on, outcome& out) { out.take(on.acquire(name, owner, life)); });
    }

    asio::awaitable<result<bool>> renew(std::string name, std::string owner, milliseconds life,
                                        store_bounds within) override {
        return start(answer_of, within,
                     [name = std::move(name), owner = std::move(owner),
                      life](store_folder& on, outcome& out) { out.take(on.renew(name, owner, life)); });
    }

    asio::awaitable<result<bool>> release(std::string name, std::string owner, store_bounds within) override {
        return start(answer_of, within,
                     [name = std::move(name), owner = std::move(owner)](store_folder& on, outcome& out) {
                         out.take(on.release(name, owner));
                     });
    }

    std::string describe() const override { return "directory " + folder_->path(); }
    std::vector<secret> keys() const override {
        return stores_detail::keys_in(folder_->path() + "/key", true);
    }

private:
    template <class T>
    asio::awaitable<result<T>> start(asio::awaitable<result<T>> (*result_of)(std::shared_ptr<worker>, job,
                                                                             std::chrono::nanoseconds),
                                     store_bounds const& within, operation what) const {
        return result_of(worker_, job(folder_, std::make_shared<operation const>(std::move(what))),
                         within.command + within.connect);
    }

    std::shared_ptr<store_folder> const folder_;
    std::shared_ptr<worker> const worker_;
};

} // namespace

std::shared_ptr<token_store> file_store(std::string directory) {
    return std::make_shared<in_directory>(std::move(directory));
}

} // namespace equinix::sts
