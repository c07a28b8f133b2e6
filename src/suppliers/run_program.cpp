#include "suppliers/run_program.hpp"

#include "base/secret_text.hpp"
#include "suppliers/program.hpp"
#include "suppliers/supplied_token.hpp"

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace equinix::sts::suppliers_detail {

namespace asio = boost::asio;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

namespace {

/// Stops the program when the coroutine that asked for it ends, however that ends.
class stopped_at_exit {
public:
    explicit stopped_at_exit(std::shared_ptr<program> what) : what_(std::move(what)) {}
    stopped_at_exit(stopped_at_exit const&) = delete;
    stopped_at_exit& operator=(stopped_at_exit const&) = delete;
    ~stopped_at_exit() { what_->stop(); }

private:
    std::shared_ptr<program> what_;
};

[[noreturn]] void fail_unknown(std::string const& source, error_code why) {
    auto message = source + " was started, but its exit status cannot be determined: ";
    if (why == boost::system::errc::no_child_process)
        message += "SIGCHLD is ignored, or something else in this process waits for its children";
    else
        message += why.message();
    fail(error_kind::config, message, why);
}

std::shared_ptr<program> run(asio::any_io_executor const& executor, command_line const& what,
                             std::string const& source) {
    try {
        return std::make_shared<program>(executor, what.arguments, what.variables);
    } catch (boost::system::system_error const& failed) {
        fail(error_kind::config, source + " cannot be started: " + failed.code().message(), failed.code());
    }
}

void check_size(program const& printed, std::string const& source) {
    if (printed.too_much())
        fail(error_kind::config, "the output of " + source + " " + std::string(base::too_large));
}

/// How the program ended, empty if it has not; throws when it must be ended.
std::optional<exit_status> look(program& at, std::string const& source, error_code waiting) {
    if (at.late()) fail(error_kind::timeout, source + " did not end in time and was killed");
    check_size(at, source);
    if (waiting) throw boost::system::system_error(waiting); // cancelled
    error_code unknown;
    auto const status = at.process().ended(unknown);
    if (unknown) fail_unknown(source, unknown);
    return status;
}

void check_success(program& ended, exit_status status, std::string const& source) {
    if (status.value != 0)
        fail(error_kind::config,
             source + (status.by_signal ? " was terminated by signal " : " failed with exit code ") +
                 std::to_string(status.value));
    ended.take(); // not to the end of file: a process left in the background may hold it open
    check_size(ended, source);
}

} // namespace

asio::awaitable<void> run_program(command_line what, std::string source, clock::time_point deadline,
                                  std::function<void(std::string_view output)> take) {
    auto const executor = co_await asio::this_coro::executor;
    auto const started = run(executor, what, source);
    stopped_at_exit const guard(started);
    auto const now = clock::now();
    started->start(deadline - now < what.timeout ? deadline : now + what.timeout);
    std::optional<exit_status> status;
    while (!status) {
        auto const waited = co_await started->wait();
        status = look(*started, source, waited);
    }
    check_success(*started, *status, source);
    take(started->output());
    started->process().let_go();
}

} // namespace equinix::sts::suppliers_detail
