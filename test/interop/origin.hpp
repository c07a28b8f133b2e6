// Token endpoints behind real servers, and what it takes to ask them.
#pragma once

#include "interop/server_process.hpp"
#include "support/process.hpp"
#include "support/service.hpp"
#include "testing/certificates.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// The path that every token endpoint here has.
inline constexpr char token_path[] = "/use/token";

/// What a token endpoint answers.
std::string token_json(std::string_view access_token = "interop-access-token");

/// A server with a certificate for 127.0.0.1, its port and the folder of all its files.
class origin {
public:
    unsigned short port() const noexcept { return port_.number(); }
    std::string path(std::string const& name) const { return (files_.path() / name).string(); }
    std::string log(std::string const& name) const { return read_file(path(name)); }

    /// The options of a client that trusts and asks this server, and tries once.
    sts::client_options options() const;

    /// Ends the server at once: connections to its port are refused.
    void stop() { process_.reset(); }
    void start_again() { start(command_); }

protected:
    origin();
    origin(origin const&) = delete;
    origin& operator=(origin const&) = delete;
    ~origin() = default;

    /// Replaces the file as a whole: a server that reads it in that moment sees the one or the other.
    void write(std::string const& name, std::string const& content) const;
    void start(std::vector<std::string> command);

    folder files_;
    reserved_port port_;
    sts::testing::server_identity identity_;
    std::optional<server_process> process_;
    std::vector<std::string> command_;
};

/// nginx, each with two workers.
class nginx_server : public origin {
public:
    /// What differs from case to case, in nginx's own words.
    struct setup {
        std::string server = {};   ///< directives of the server
        std::string location = {}; ///< directives of the token endpoint's location
        std::string listen = {};   ///< further words of the listen directive
    };
    struct logged_request {
        unsigned long connection = 0;
        unsigned requests = 0; ///< how many that connection has served, this one included
        unsigned status = 0;
        std::string tls_version;
        bool resumed = false; ///< whether the connection's handshake was
        std::string line;     ///< the request line
    };

    /// `client_ca_pem` is there as `client-ca.pem` for `ssl_client_certificate`.
    explicit nginx_server(setup const& how, std::string const& client_ca_pem = "");

    /// The location's directives that answer with a token.
    static std::string answer(std::string_view access_token = "interop-access-token");

    /// Takes over another configuration as an operator does, with SIGHUP: new workers replace the old ones,
    /// which finish what they have begun.
    void reload(setup const& how);

    /// Lets the server finish and go; then its log is complete. Close the clients before: nginx waits for a
    /// connection that was opened and not used yet.
    std::vector<logged_request> finish();

private:
    void configure(setup const& how) const;
};

/// haproxy, which answers by itself or forwards.
class haproxy_server : public origin {
public:
    struct setup {
        std::string global = {};
        std::string defaults = {}; ///< timeouts and the like
        std::string bind = {};     ///< further words of the frontend's bind line
        std::string frontend = {}; ///< what to do with a request
        std::string rest = {};     ///< backends
    };
    struct logged_request {
        unsigned short client_port = 0;
        unsigned status = 0;
    };

    /// `client_ca_pem` is there as `client-ca.pem` for the bind line's `ca-file`.
    explicit haproxy_server(setup const& how, std::string const& client_ca_pem = "");

    /// The frontend's directive that answers with a token.
    static std::string answer();

    std::vector<logged_request> finish();

    /// The options of a client that makes up for a request that meets the timeout of an idle connection:
    /// haproxy then says 408 to it instead of closing, and that is for the retry, not for the replacement at
    /// once.
    sts::client_options patient_options() const;

    /// Closes the client, lets the server finish and checks that each retry was owed to such a 408.
    std::vector<logged_request> check_retries(sts::client const& client);
};

/// What became of many exchanges.
struct tally {
    int tokens = 0;
    std::string latest; ///< the last access token
    std::vector<std::string> failures;

    void add(outcome const& ended);
};

/// Who asks: one context of one thread.
struct caller {
    sts::client client(sts::client_options const& with) { return sts::client(context.get_executor(), with); }

    static sts::exchange_request request() {
        return sts::exchange_request(sts::subject_token("interop-subject-token"));
    }

    outcome exchange(sts::client const& client, sts::exchange_request const& asked = request()) {
        started one(context, client, asked);
        return std::move(one.wait());
    }

    /// Opens this many connections, which the client has in all then.
    void warm_up(sts::client const& client, std::size_t connections);

    /// `coroutines` at a time that exchange `times` each, and the end of all of them.
    void exchange_often(sts::client const& client, int coroutines, int times, tally& all);

    /// Lets time go by for the connections: what the server does to idle ones is seen as it happens.
    void pause(std::chrono::milliseconds how_long);

    asio::io_context context;
};

} // namespace test
