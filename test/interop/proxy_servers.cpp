#include "interop/proxy_servers.hpp"

#include <openssl/evp.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace test {
namespace {

constexpr char password_checker[] = "/usr/lib/squid/basic_ncsa_auth";

/// One of the forms that squid's checker takes; these passwords have nothing to lose.
std::string md5_in_hex(std::string const& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    BOOST_REQUIRE(EVP_Q_digest(nullptr, "MD5", nullptr, text.data(), text.size(), digest.data(), &size) == 1);
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) {
        hex += digits[digest[i] / 16]; // NOLINT: i is below size
        hex += digits[digest[i] % 16]; // NOLINT: likewise
    }
    return hex;
}

} // namespace

std::string proxy_server::url(std::string const& user_info) const {
    return "http://" + (user_info.empty() ? "" : user_info + "@") +
           "127.0.0.1:" + std::to_string(port_.number());
}

std::string proxy_server::finish() {
    process_->end(SIGTERM);
    std::string all;
    for (auto const& entry : std::filesystem::directory_iterator(files_.path()))
        if (entry.path().extension() == ".log") all += read_file(entry.path());
    return all;
}

tinyproxy_server::tinyproxy_server(unsigned short to_port, std::optional<proxy_user> const& user) {
    std::ostringstream text;
    text << "Port " << port_.number() << "\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 100\n"
         << "ConnectPort " << to_port << "\nLogFile \"" << path("tinyproxy.log") << "\"\nLogLevel Info\n";
    if (user) text << "BasicAuth " << user->name << ' ' << user->password << '\n';
    auto const configuration = files_.file("tinyproxy.conf", text.str());
    process_.emplace(
        std::vector{find_program("tinyproxy").value(), std::string("-d"), std::string("-c"), configuration},
        port_.number(), files_.path());
}

squid_server::squid_server(unsigned short to_port, std::optional<proxy_user> const& user) {
    std::ostringstream text;
    if (::geteuid() == 0) {
        // Squid refuses to serve as root, and whom it becomes instead must be able to write its logs.
        auto const* const nobody = ::getpwnam("nobody"); // NOLINT(concurrency-mt-unsafe): one thread
        BOOST_REQUIRE(nobody != nullptr);
        BOOST_REQUIRE(::chown(files_.path().c_str(), nobody->pw_uid, nobody->pw_gid) == 0);
        text << "cache_effective_user nobody\n";
    }
    text << "http_port 127.0.0.1:" << port_.number() << "\nvisible_hostname localhost\npid_filename none\n"
         << "cache_log " << path("cache.log") << "\naccess_log stdio:" << path("access.log") << '\n'
         << "coredump_dir " << files_.path().string() << "\npinger_enable off\nnetdb_filename none\n"
         << "cache deny all\ncache_mem 0\nmemory_cache_shared off\nmax_filedescriptors 1024\n"
         << "dns_nameservers 127.0.0.1\nshutdown_lifetime 0 seconds\n"
         << "acl CONNECT method CONNECT\nacl SSL_ports port " << to_port << '\n'
         << "http_access deny !CONNECT\nhttp_access deny !SSL_ports\n";
    if (user) {
        auto const users = files_.file("users", user->name + ":" + md5_in_hex(user->password) + "\n");
        text << "auth_param basic program " << password_checker << ' ' << users << '\n'
             << "auth_param basic children 1\nauth_param basic realm interop\n"
             << "acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n";
    } else {
        text << "http_access allow all\n";
    }
    auto const configuration = files_.file("squid.conf", text.str());
    // The name keeps its shared memory apart from that of any other squid.
    auto const name = "interop" + std::to_string(port_.number());
    process_.emplace(std::vector{find_program("squid").value(), std::string("-N"), std::string("-n"), name,
                                 std::string("-f"), configuration},
                     port_.number(), files_.path());
}

} // namespace test
