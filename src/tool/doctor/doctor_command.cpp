#include "tool/doctor/doctor_command.hpp"

#include "base/variable.hpp"
#include "tool/doctor/authority_files.hpp"
#include "tool/doctor/report.hpp"
#include "tool/doctor/server_facts.hpp"
#include "tool/exchange_setup.hpp"
#include "tool/store_setup.hpp"

#include <equinix/sts.hpp>
#ifdef EQUINIX_STS_HAS_REDIS
#include <equinix/sts/redis_store.hpp>
#endif

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;
using namespace doctor;

constexpr std::chrono::seconds look_bound(5);

std::chrono::sys_seconds now() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// Runs one coroutine to completion and rethrows its exception.
template <class T>
T run(asio::io_context& context, asio::awaitable<T> work) {
    std::exception_ptr thrown;
    std::optional<T> out;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr failed, T value) {
        thrown = failed;
        out = std::move(value);
    });
    context.restart(); // it has stopped: there was no work left after the previous call
    while (!out)
        context.run_one(); // not run(): idle connections would keep it running
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*out);
}

asio::awaitable<result<bool>> open_connection(client sts) {
    try {
        co_await sts.warm_up(1);
        co_return true;
    } catch (error const& failed) {
        co_return failed.info();
    }
}

asio::awaitable<result<std::optional<subject_token>>> ask_supplier(suppliers::supplier_ptr supplier,
                                                                   std::chrono::nanoseconds timeout) {
    auto const executor = co_await asio::this_coro::executor;
    supply_context const context(executor, std::chrono::steady_clock::now() + timeout);
    try {
        auto token = co_await supplier->supply(context);
        co_return std::optional<subject_token>(std::move(token));
    } catch (error const& failed) {
        co_return failed.info();
    }
}

class examination {
public:
    explicit examination(doctor_arguments const& given) : given_(given) {}

    int run_all() {
        if (!read_options()) return report_.conclude();
        tell(judge_endpoint(options_.endpoint));
        tell(judge_times(options_));
        look_for_authorities();
        look_for_proxy();
        look_at_store();
        bool const has_request = read_request();
        bool const connected = connect();
        look_at_server(connected);
        bool const exchanged = has_request && connected && exchange();
        if (server_time_) tell(judge_clock(*server_time_, asked_, exchanged));
        return report_.conclude();
    }

private:
    void tell(finding const& found) { report_.tell(found); }
    void tell(findings const& found) {
        for (auto const& one : found)
            tell(one);
    }

    /// Reports options that cannot work. The token is checked even if the endpoint is bad.
    bool read_options() {
        try {
            options_ = options_of(given_.exchange);
            options_.retry.max_attempts =
                given_.exchange.max_attempts.value_or(1); // to report the first failure immediately
            client_.emplace(context_.get_executor(), options_);
            return true;
        } catch (error const& failed) {
            tell(judge_failure("options", failed.info(), {}));
        }
        read_request();
        return false;
    }

    /// If `SSL_CERT_DIR` leads to authorities, OpenSSL silently skips a file that it cannot read.
    void look_for_authorities() {
        auto const& given = options_.tls.ca_file;
        std::string const file(given.empty() ? base::variable("SSL_CERT_FILE") : given);
        auto const found = authorities_in(file);
        if (!found.empty()) tell(judge_authorities(file, found));
        bool const by_default = file.empty() && base::variable("SSL_CERT_DIR").empty();
        if (by_default && !has_authorities(X509_get_default_cert_file(), X509_get_default_cert_dir()))
            tell({verdict::bad, "authorities", "the system has none",
                  "install them, for example by apt-get install ca-certificates, or give --ca-file"});
        if (!given.empty() || file.empty() || ::access(file.c_str(), R_OK) == 0) return;
        tell({verdict::note, "authorities", file + ", named by SSL_CERT_FILE, cannot be read and is ignored",
              "correct or unset that variable, or give --ca-file"});
    }

    void look_for_proxy() {
        if (options_.proxy) {
            tell({verdict::good,
                  "proxy",
                  options_.proxy->host() + " port " + std::to_string(options_.proxy->port()),
                  {}});
            return;
        }
        for (auto const* const name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
            if (!base::variable(name).empty()) {
                tell({verdict::note, "proxy", std::string(name) + " is set but not read by this command",
                      "give --proxy \"$" + std::string(name) + "\" if the endpoint is reached through it"});
                return;
            }
    }

    bool read_request() {
        try {
            request_.emplace(request_of(given_.exchange));
            if (auto const& scope = request_->scope())
                tell(judge_scope(scope->value()));
            else
                tell(judge_no_scope(request_->grant()));
            if (auto const supplier = request_->supplier()) {
                auto const supplied = run(context_, ask_supplier(supplier, options_.timeout));
                if (supplied.has_error()) throw error(supplied.error());
                request_->subject(**supplied); // asking once is enough
            }
        } catch (error const& failed) {
            tell(judge_failure("request", failed.info(), {}));
            request_.reset();
            return false;
        }
        auto const& proves = request_->proof_key();
        if (!look_at_key("proof key", proves ? &*proves : nullptr) ||
            !look_at_key("assertion key", request_->authentication().key()))
            return false;
        if (auto const& subject = request_->subject()) {
            tell(judge_subject_token(subject->token(), now()));
            subject_ = read_id_token(subject->token().reveal());
        }
        return true;
    }

    /// Returns false if there is one and it does not sign any longer.
    bool look_at_key(std::string const& use, signing_key const* key) {
        if (key == nullptr) return true;
        auto const begun = std::chrono::steady_clock::now();
        try {
            key->sign("a trial");
        } catch (error const& failed) {
            tell(judge_failure(use, failed.info(), {}));
            request_.reset();
            return false;
        }
        auto const took = std::chrono::steady_clock::now() - begun;
        tell(judge_key(use, *key, std::chrono::ceil<std::chrono::microseconds>(took)));
        return true;
    }

    /// Writes, reads and removes a record of its own.
    void look_at_store() {
        if (given_.exchange.store.empty()) return;
        store_options sharing;
        try {
            sharing = sharing_of(given_.exchange, context_.get_executor());
            if (sharing.keys.empty()) sharing.keys = sharing.store->keys();
        } catch (error const& failed) {
            tell(judge_failure("store", failed.info(), {}));
            return;
        }
        store_bounds within; // generous: that it is slow is a finding
        within.command = within.connect = look_bound;
        store_answer found;
        found.name = sharing.store->describe();
        std::string const name = "doctor-" + std::to_string(::getpid());
        auto const fails = [&](auto const& got, char const* step) {
            if (got.has_error()) tell(judge_store_failure(found.name, step, got.error()));
            return got.has_error();
        };
        auto const begun = std::chrono::steady_clock::now();
        auto const life = std::chrono::seconds(10);
        if (fails(run(context_, sharing.store->swap(name, {}, "doctor", life, within)), "written to")) return;
        auto const looked = run(context_, sharing.store->look(name, within));
        if (fails(looked, "read")) return;
        if (!looked->bytes || !looked->left) {
            tell({verdict::bad, "store", found.name + " does not have what was written to it a moment ago",
                  "look for another program that removes its records"});
            return;
        }
        if (fails(run(context_, sharing.store->swap(name, "doctor", {}, life, within)), "written to")) return;
        found.took =
            std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun) / 3;
        found.ahead = looked->time - std::chrono::floor<std::chrono::milliseconds>(
                                         std::chrono::system_clock::now().time_since_epoch());
#ifdef EQUINIX_STS_HAS_REDIS
        auto const facts = run(context_, redis_facts_of(sharing.store, within));
        if (facts.has_value()) {
            found.software = facts->software + " " + facts->version;
            found.role = facts->role;
            found.eviction_policy = facts->eviction_policy;
            found.limits_memory = facts->max_memory != 0;
        }
#endif
        tell(judge_store(found));
    }

    bool connect() {
        auto const start = std::chrono::steady_clock::now();
        auto const opened = run(context_, open_connection(*client_));
        if (opened.has_error()) {
            tell(judge_failure("connection", opened.error(), subject_));
            tls_failed_ = opened.error().kind == error_kind::tls;
            return false;
        }
        auto const took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start);
        tell({verdict::good,
              "connection",
              client_->stats().last_address + ", name, TCP and TLS in " +
                  std::to_string(static_cast<int>(took.count() + 1)) +
                  " ms; the server's certificate is verified",
              {}});
        return true;
    }

    /// What each address of the host answers, and the server's identity and its time, as far as that can be
    /// seen without a proxy.
    void look_at_server(bool connected) {
        if (options_.proxy) return;
        auto const found = look_at(options_.endpoint, look_bound);
        if (found.size() > 1)
            for (auto const& one : found)
                tell(judge_address(one));
        if (!connected && !tls_failed_) return;
        // The one that the client got through to, as far as its certificate is verified.
        auto const is_clients = [&](server_facts const& one) {
            return connected && one.address == client_->stats().last_address;
        };
        auto best = std::find_if(found.begin(), found.end(), is_clients);
        bool const verified = best != found.end();
        if (!verified)
            best = std::find_if(found.begin(), found.end(),
                                [](server_facts const& one) { return !one.tls_version.empty(); });
        if (best == found.end() || best->tls_version.empty()) return;
        tell({verdict::good, "TLS", best->tls_version, {}});
        tell(judge_protocol(best->protocol, options_.http));
        if (best->shown) tell(judge_certificate(*best->shown, now(), verified));
        server_time_ = best->date;
        asked_ = best->asked;
    }

    /// Returns whether there was a token.
    bool exchange() {
        auto text = describe_request(options_, *request_);
        text.pop_back();
        tell({verdict::good, "request", std::move(text), {}});
        if (given_.no_exchange) return false;
        auto const got = run(context_, client_->try_exchange(*request_));
        if (got.has_error()) {
            auto failure = judge_failure("exchange", got.error(), subject_);
            tell(failure);
            return false;
        }
        tell({verdict::good,
              "exchange",
              "a token of " + std::to_string(got->access_token.size()) + " bytes" +
                  (got->expires_in ? ", valid for " + spelled(*got->expires_in) : ", of unknown lifetime"),
              {}});
        if (request_->proof_key()) tell(judge_binding(*got));
        return true;
    }

    doctor_arguments const& given_;
    report report_{given_.json};
    client_options options_;
    std::optional<exchange_request> request_;
    std::optional<id_token> subject_;
    bool tls_failed_ = false;
    std::optional<std::chrono::sys_seconds> server_time_; // with our own time at that moment:
    std::chrono::sys_seconds asked_;
    asio::io_context context_{1};
    std::optional<client> client_; // before the context
};

} // namespace

int run_doctor(doctor_arguments const& given) {
    return examination(given).run_all();
}

} // namespace equinix::sts::tool
