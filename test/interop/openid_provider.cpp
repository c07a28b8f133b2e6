#include "interop/openid_provider.hpp"

#include <boost/json/serialize.hpp>

#include <sstream>

namespace test {

openid_provider::openid_provider(std::string const& id, std::string const& secret)
    : openid_provider(boost::json::value{{"id", id}, {"secret", secret}}) {}

openid_provider::openid_provider(boost::json::value const& client) {
    write("server.pem", identity_.certificate_pem);
    write("server.key", identity_.key_pem);
    write("client.json", boost::json::serialize(client));
    start({find_program("node").value(), npm_folder() / "openid_provider.mjs", files_.path().string(),
           std::to_string(port())});
}

sts::client_options openid_provider::options() const {
    auto made = origin::options();
    made.retry = sts::retry_options();
    return made;
}

sts::subject_token openid_provider::id_token(std::string const& kind) const {
    return sts::subject_token(log(kind + ".jwt"));
}

std::vector<std::string> openid_provider::requests() const {
    std::vector<std::string> all;
    std::istringstream lines(log("requests.log"));
    for (std::string line; std::getline(lines, line);)
        all.push_back(std::move(line));
    return all;
}

} // namespace test
