#include "tool/serve_mock_command.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace equinix::sts::tool {
namespace {

namespace fs = std::filesystem;

/// Whole or not at all: whoever waits for the file must not read half of it.
void write_whole(fs::path const& path, std::string const& content) {
    auto const draft = fs::path(path).concat(".new");
    {
        std::ofstream file(draft, std::ios::binary | std::ios::trunc);
        fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write);
        file << content;
        file.flush();
        if (!file) throw std::runtime_error("cannot write " + draft.string());
    }
    fs::rename(draft, path);
}

/// A port that is taken is the usual failure: told as such.
std::unique_ptr<testing::mock_sts> started(testing::mock_options const& options) {
    try {
        return std::make_unique<testing::mock_sts>(options);
    } catch (std::exception const& failed) {
        if (options.port == 0) throw;
        throw std::runtime_error("cannot serve on port " + std::to_string(options.port) + ": " +
                                 failed.what() + "; without --port a free one is taken");
    }
}

void script(testing::mock_sts& service, serve_mock_arguments const& given) {
    using testing::mock_answer;
    auto const usual = mock_answer::genuine().delay(given.delay);
    service.always(usual);
    unsigned last = 0;
    for (auto const& one : given.failures)
        last = std::max(last, one.request);
    for (unsigned number = 1; number <= last; ++number) {
        auto answer = usual;
        for (auto const& one : given.failures)
            if (one.request == number)
                answer = mock_answer::error(one.status, one.oauth_error).delay(given.delay);
        service.next(std::move(answer));
    }
}

} // namespace

int serve_mock(serve_mock_arguments const& given) {
    testing::mock_options options;
    options.port = given.port;
    options.lifetime = given.lifetime;
    auto const service = started(options);
    script(*service, given);

    testing::id_token_claims claims;
    claims.lifetime(std::chrono::hours(24)); // as long as the certificate
    if (!given.token_audience.empty()) claims.audience(given.token_audience);
    fs::path const dir = given.dir;
    fs::create_directories(dir);
    write_whole(dir / "ca.pem", service->ca_pem());
    write_whole(dir / "id_token", service->id_token(claims));
    std::cout << "serving " << service->url() << "\nauthority " << (dir / "ca.pem").string() << "\nID token "
              << (dir / "id_token").string() << std::endl; // NOLINT(performance-avoid-endl): it runs on

    boost::asio::io_context context(1);
    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([](boost::system::error_code, int) {});
    context.run();
    return 0;
}

} // namespace equinix::sts::tool
