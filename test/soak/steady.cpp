// S1 to S3: a long row of exchanges, over connections that stay and over ones that are new each time.
#include "base/base64.hpp"
#include "soak/mock_process.hpp"
#include "soak/process.hpp"
#include "soak/rig.hpp"

#include <algorithm>
#include <optional>

namespace soak {
namespace {

/// Whether the claims of the token name the scope: that is in one request alone.
bool answers(sts::token const& token, std::string const& scope) {
    auto const text = token.access_token.reveal();
    auto const first = text.find('.');
    auto const second = text.find('.', first + 1);
    if (second == std::string_view::npos) return false;
    auto const claims = sts::base::base64url_decode(text.substr(first + 1, second - first - 1));
    return claims && sts::base::view(*claims).find("\"scope\":\"" + scope + "\"") != std::string_view::npos;
}

struct count {
    std::uint64_t begun = 0, matched = 0, crossed = 0, failed = 0;
    std::string failure;
};

asio::awaitable<void> exchange_often(sts::client client, sts::subject_token subject, std::uint64_t last,
                                     count& all) {
    while (all.begun < last) {
        auto const scope = "roleassignments:" + std::to_string(all.begun++);
        auto const request = sts::exchange_request(subject).scope(sts::scope(scope));
        auto const got = co_await client.try_exchange(request);
        if (got.has_error()) {
            ++all.failed;
            all.failure = got.error().to_string();
        } else if (answers(*got, scope)) {
            ++all.matched;
        } else {
            ++all.crossed;
        }
    }
}

/// What the process has while nothing is under way.
struct sample {
    double done = 0, resident = 0, allocated = 0;
    std::size_t descriptors = 0, threads = 0;
};

class row_of_exchanges {
public:
    row_of_exchanges(mock_process const& mock, sts::client_options const& options)
        : subject_(mock.id_token()), client_(crew_.context.get_executor(), options) {}

    /// In stretches, after each of which everything comes to rest and is looked at.
    void run(std::uint64_t total, unsigned coroutines, std::string_view name) {
        constexpr std::uint64_t stretches = 50;
        samples.reserve(stretches);
        auto const start = clock::now();
        for (std::uint64_t i = 1; i <= stretches; ++i) {
            for (unsigned c = 0; c < coroutines; ++c)
                crew_.spawn(exchange_often(client_, subject_, total * i / stretches, all));
            crew_.join();
            samples.push_back({static_cast<double>(all.begun), static_cast<double>(resident()),
                               static_cast<double>(allocated()), descriptors(), threads()});
            tell(std::string(name) + ": " + std::to_string(all.begun) + " of " + std::to_string(total) +
                 " exchanges, " + shown(static_cast<double>(all.begun) / in_seconds(clock::now() - start)) +
                 "/s");
        }
    }

    sts::stats stats() const { return client_.stats(); }

    count all;
    std::vector<sample> samples;

private:
    crew crew_;
    sts::subject_token subject_;
    sts::client client_;
};

/// The figures of the last 80 %.
struct steadiness {
    double resident_slope = 0;
    double allocated_growth = 0; ///< in bytes, over all of it
    std::size_t least_descriptors = 0, most_descriptors = 0, least_threads = 0, most_threads = 0;
};

steadiness judge(std::vector<sample> const& samples) {
    std::vector<std::pair<double, double>> resident, allocated;
    auto const from = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 5);
    steadiness found{0, 0, from->descriptors, from->descriptors, from->threads, from->threads};
    for (auto one = from; one != samples.end(); ++one) {
        resident.emplace_back(one->done, one->resident);
        allocated.emplace_back(one->done, one->allocated);
        found.least_descriptors = std::min(found.least_descriptors, one->descriptors);
        found.most_descriptors = std::max(found.most_descriptors, one->descriptors);
        found.least_threads = std::min(found.least_threads, one->threads);
        found.most_threads = std::max(found.most_threads, one->threads);
    }
    found.resident_slope = slope(resident);
    found.allocated_growth = slope(allocated) * (samples.back().done - from->done);
    return found;
}

std::string spread(std::size_t least, std::size_t most) {
    return least == most ? std::to_string(most) + " ± 0"
                         : std::to_string(least) + " to " + std::to_string(most);
}

finding matched(std::string figure, row_of_exchanges const& row, std::uint64_t total) {
    auto const& all = row.all;
    return {std::move(figure), "every exchange matched to its response by a nonce, none lost, none crossed",
            shown(all.matched) + " of " + shown(total) + " matched, " + shown(all.crossed) + " crossed, " +
                shown(all.failed) + " failed" + (all.failed != 0 ? ": " + all.failure : ""),
            all.matched == total};
}

/// What is kept once, as by a table that grows, is less than `most` bytes.
finding constant_memory(std::string figure, steadiness const& found, double most) {
    return {std::move(figure), "allocated memory constant within " + shown(most / 1024) + " KiB",
            shown(found.allocated_growth) + " bytes", found.allocated_growth < most};
}

} // namespace

report steady(extent const& how_much) {
    auto const total =
        how_much.exchanges != 0 ? how_much.exchanges : how_much.of<std::uint64_t>(50'000, 1'000'000);
    mock_process const mock;
    auto options = mock.options();
    options.pool.max_age = std::chrono::hours(24); // a connection's end is no leak
    row_of_exchanges row(mock, options);
    row.run(total, 128, "S1");
    auto const found = judge(row.samples);
    return {
        matched("S1", row, total),
        {"S2", "descriptors constant", spread(found.least_descriptors, found.most_descriptors),
         found.least_descriptors == found.most_descriptors},
        {"S2", "threads constant", spread(found.least_threads, found.most_threads),
         found.least_threads == found.most_threads},
        {"S2", "resident memory grows by less than 1 byte per exchange",
         shown(found.resident_slope, 4) + " bytes", found.resident_slope < 1},
        constant_memory("S2", found, 16384),
    };
}

report churn(extent const& how_much) {
    auto const total = how_much.of<std::uint64_t>(5'000, 100'000);
    mock_process const mock(sts::testing::mock_answer::genuine().header("Connection", "close").close_after());
    row_of_exchanges row(mock, mock.options());
    row.run(total, 32, "S3");
    auto const found = judge(row.samples);
    auto const ended = ended_to(mock.port());
    auto const stats = row.stats();
    auto const limit = how_much.of(512.0, 1.0); // what is kept once weighs much among few
    return {
        matched("S3", row, total),
        {"S3", "one connection per exchange",
         shown(stats.handshakes_full + stats.handshakes_resumed) + " handshakes",
         stats.handshakes_full + stats.handshakes_resumed >= total},
        // Whose side waits depends on who closes first, which this service leaves to the client.
        {"S3", "no connection is left half closed",
         shown(std::uint64_t(ended.half_closed_of_clients)) + "; in TIME_WAIT " +
             shown(std::uint64_t(ended.time_wait_of_server)) + " of the server, " +
             shown(std::uint64_t(ended.time_wait_of_clients)) + " of the client",
         ended.half_closed_of_clients == 0},
        {"S3", "resident memory grows by less than " + shown(limit) + " bytes per exchange",
         shown(found.resident_slope, 4) + " bytes", found.resident_slope < limit},
        constant_memory("S3", found, how_much.of(131072.0, 16384.0)),
        {"S3", "descriptors constant", spread(found.least_descriptors, found.most_descriptors),
         found.least_descriptors == found.most_descriptors},
    };
}

} // namespace soak
