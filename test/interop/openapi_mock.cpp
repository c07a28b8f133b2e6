#include "interop/openapi_mock.hpp"

#include <sstream>

namespace test {
namespace {

std::vector<std::string> command(unsigned short port) {
    auto const prism = npm_folder() / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js";
    return {find_program("node").value(),
            prism,
            "mock",
            std::string(SOURCE_FOLDER) + "/doc/openapi.yaml",
            "--errors",
            "--multiprocess=false",
            "--host=127.0.0.1",
            "--port=" + std::to_string(port)};
}

nginx_server::setup forwards_to(unsigned short port) {
    auto const forward = "proxy_pass http://127.0.0.1:" + std::to_string(port) + ";";
    return {.server = "location = /v1/token { " + forward + " }", .location = forward};
}

} // namespace

openapi_mock::openapi_mock()
    : process_(command(port_.number()), port_.number(), files_.path()), front_(forwards_to(port_.number())) {}

sts::client_options openapi_mock::options(std::string const& path) const {
    auto made = front_.options();
    made.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(front_.port()) + path);
    return made;
}

bool openapi_mock::has_objected(std::string const& why) const {
    return await([&] { return objections().find(why) != std::string::npos; });
}

std::string openapi_mock::objections() const {
    constexpr std::string_view mark = "Violation: ";
    std::string all;
    std::istringstream lines(read_file(files_.path() / "output.log"));
    for (std::string line; std::getline(lines, line);)
        if (auto const at = line.find(mark); at != std::string::npos)
            all += line.substr(at + mark.size()) + '\n';
    return all;
}

} // namespace test
