#include "interop/http2_servers.hpp"

namespace test {
namespace {

constexpr char go_source[] = R"(package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc(os.Args[4], func(to http.ResponseWriter, of *http.Request) {
		if of.ProtoMajor != 2 || of.ParseForm() != nil {
			to.WriteHeader(400)
			return
		}
		to.Header().Set("Content-Type", "application/json")
		to.Write([]byte(os.Args[5]))
	})
	panic(http.ListenAndServeTLS("127.0.0.1:"+os.Args[1], os.Args[2], os.Args[3], nil))
}
)";

} // namespace

node_http2_server::node_http2_server(unsigned most_streams) {
    write("server.pem", identity_.certificate_pem);
    write("server.key", identity_.key_pem);
    start({find_program("node").value(), (npm_folder() / "http2_server.mjs").string(), std::to_string(port()),
           path("server.pem"), path("server.key"), std::to_string(most_streams)});
}

nghttpd_server::nghttpd_server(unsigned most_streams) {
    write("server.pem", identity_.certificate_pem);
    write("server.key", identity_.key_pem);
    write("token.json", token_json());
    write("mime.types", "application/json json\n");
    start({find_program("nghttpd").value(), "--address=127.0.0.1", "--htdocs=" + files_.path().string(),
           "--mime-types-file=" + path("mime.types"),
           "--max-concurrent-streams=" + std::to_string(most_streams), std::to_string(port()),
           path("server.key"), path("server.pem")});
}

sts::client_options nghttpd_server::options() const {
    auto made = origin::options();
    made.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(port()) + "/token.json");
    return made;
}

go_http2_server::go_http2_server() {
    write("server.pem", identity_.certificate_pem);
    write("server.key", identity_.key_pem);
    write("main.go", go_source);
    auto const in = files_.path().string();
    auto const built = shell("cd " + in + " && HOME=" + in + " GOCACHE=" + in + "/cache " +
                             find_program("go").value() + " build -o server main.go 2>&1");
    BOOST_REQUIRE_MESSAGE(built.exit_code == 0, built.output);
    start({path("server"), std::to_string(port()), path("server.pem"), path("server.key"), token_path,
           token_json()});
}

boost::test_tools::assertion_result go_http2_server::installed(boost::unit_test::test_unit_id) {
    return find_program("go").has_value();
}

} // namespace test
