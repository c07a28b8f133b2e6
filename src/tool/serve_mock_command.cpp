#include "tool/serve_mock_command.hpp"

#include "base/descriptor.hpp"
#include "base/write_all.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace equinix::sts::tool {
namespace {

namespace fs = std::filesystem;

/// Writes the file atomically: a process that waits for the file must not read half of it. Anyone may have
/// created a link there, as in a folder of /tmp, so links are not followed.
void write_whole(fs::path const& path, std::string_view content, ::mode_t mode) {
    auto draft = path.string() + ".XXXXXX";
    base::descriptor file(::mkostemp(draft.data(), O_CLOEXEC)); // new, and accessible only to its owner
    bool const made = file.is_open();
    bool const written = made && ::fchmod(file.get(), mode) == 0 && base::write_all(file, content);
    int const why = errno;
    file.close();
    if (written) {
        fs::rename(draft, path);
        return;
    }
    if (made) ::unlink(draft.c_str());
    throw std::system_error(why, std::generic_category(), "cannot write " + path.string());
}

/// A port in use is the usual failure, and is reported as such.
std::unique_ptr<testing::mock_sts> started(testing::mock_options const& options) {
    try {
        return std::make_unique<testing::mock_sts>(options);
    } catch (std::exception const& failed) {
        if (options.port == 0) throw;
        throw std::runtime_error("cannot serve on port " + std::to_string(options.port) + ": " +
                                 failed.what() + "; omit --port to use a free port");
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
    fs::path const dir = given.dir;
    std::error_code failed;
    fs::create_directories(dir, failed);
    if (failed) throw std::system_error(failed, "cannot create the folder " + dir.string());
    testing::mock_options options;
    options.port = given.port;
    options.lifetime = given.lifetime;
    options.http2 = true;
    auto const service = started(options);
    script(*service, given);

    testing::id_token_claims claims;
    claims.lifetime(given.id_token_lifetime);
    if (!given.token_audience.empty()) claims.audience(given.token_audience);
    write_whole(dir / "ca.pem", service->ca_pem(), 0644); // for the processes of other users, too
    write_whole(dir / "id_token", service->id_token(claims), 0600);
    std::cout << "serving " << service->url() << "\nauthority " << (dir / "ca.pem").string() << "\nID token "
              << (dir / "id_token").string()
              << std::endl; // NOLINT(performance-avoid-endl): the process continues

    boost::asio::io_context context(1);
    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([](boost::system::error_code, int) {});
    context.run();
    std::cerr << "requests " << service->requests() << '\n'; // not to a pipe whose reader has what it wanted
    return 0;
}

} // namespace equinix::sts::tool
