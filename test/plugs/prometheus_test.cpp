// What Prometheus reads of clients, token sources and caches.
#include "support/token_source.hpp"

#include <equinix/sts/prometheus.hpp>
#include <equinix/sts/token_cache.hpp>

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// The value of each line, by the rest of the line.
using page = std::map<std::string, double>;

page read(std::string const& text) {
    page lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (auto const space = line.rfind(' '); !line.starts_with('#')) {
            bool const is_new = lines.emplace(line.substr(0, space), std::stod(line.substr(space))).second;
            BOOST_TEST(is_new, "twice: " << line);
        }
    return lines;
}

struct fixture {
    asio::io_context context;
    std::shared_ptr<sts::prometheus_collector> metrics = std::make_shared<sts::prometheus_collector>();

    page collected() const { return read(prometheus::TextSerializer().Serialize(metrics->Collect())); }

    sts::token_source source() {
        return sts::token_source(context.get_executor(), []() -> asio::awaitable<sts::token> {
            sts::token value;
            value.set_access_token("abc");
            value.expires_in = 1h;
            co_return value;
        });
    }
    static sts::event ended_after(std::chrono::nanoseconds duration) {
        sts::event made;
        made.type = sts::event_type::attempt_ended;
        made.duration = duration;
        return made;
    }
};

struct with_service : fixture {
    sts::testing::mock_sts service;
    sts::client client = make();
    sts::exchange_request request =
        sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s"));

    sts::client make() {
        sts::client_options options;
        options.endpoint = sts::endpoint(service.url());
        options.tls.ca_pem = service.ca_pem();
        return sts::client(context.get_executor(), options);
    }
};

constexpr char bucket[] = "equinix_sts_attempt_seconds_bucket{le=\"";

} // namespace

BOOST_FIXTURE_TEST_SUITE(prometheus_collector, fixture)

BOOST_FIXTURE_TEST_CASE(exchanges_are_counted_by_their_result, with_service) {
    metrics->watch("a", client);
    BOOST_TEST(started(context, client, request).wait().has_value());
    service.next(sts::testing::mock_answer::error(400, "invalid_scope"));
    BOOST_TEST(started(context, client, request).wait().has_error());
    auto const now = collected();
    BOOST_TEST(now.at("equinix_sts_exchanges_total{client=\"a\",result=\"token\"}") == 1);
    BOOST_TEST(now.at("equinix_sts_exchanges_total{client=\"a\",result=\"oauth\"}") == 1);
    BOOST_TEST(now.at("equinix_sts_handshakes_total{client=\"a\",kind=\"full\"}") == 1);
    BOOST_TEST(now.at("equinix_sts_connections{client=\"a\",state=\"idle\"}") == 1);
    BOOST_TEST(now.at("equinix_sts_bytes_total{client=\"a\",direction=\"sent\"}") > 500);
}

BOOST_FIXTURE_TEST_CASE(each_result_is_there_before_it_occurs,
                        with_service) { // so that a rate has a beginning
    metrics->watch("a", client);
    auto const now = collected();
    for (unsigned kind = 1; kind <= sts::error_kinds; ++kind) {
        auto const name = std::string(to_string(static_cast<sts::error_kind>(kind)));
        BOOST_TEST(now.at("equinix_sts_exchanges_total{client=\"a\",result=\"" + name + "\"}") == 0);
    }
    BOOST_TEST(now.at("equinix_sts_exchanges_total{client=\"a\",result=\"token\"}") == 0);
}

BOOST_AUTO_TEST_CASE(a_family_appears_once_for_all_objects_that_have_it) {
    metrics->watch("a", source());
    metrics->watch("b", source());
    std::set<std::string> names;
    for (auto const& family : metrics->Collect())
        BOOST_TEST(names.insert(family.name).second, family.name << " appears twice");
    auto const now = collected();
    BOOST_TEST(now.contains("equinix_sts_tokens_total{source=\"a\"}"));
    BOOST_TEST(now.contains("equinix_sts_tokens_total{source=\"b\"}"));
}

BOOST_FIXTURE_TEST_CASE(names_follow_the_rules_of_prometheus, with_service) {
    metrics->watch("a", client);
    metrics->watch("b", source());
    metrics->watch("c", sts::token_cache(client));
    auto const all = metrics->Collect();
    BOOST_TEST(all.size() > 20U);
    for (auto const& family : all) {
        BOOST_TEST(family.name.starts_with("equinix_sts_"), family.name);
        BOOST_TEST(family.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos,
                   family.name);
        BOOST_TEST(family.name.ends_with("_total") == (family.type == prometheus::MetricType::Counter),
                   family.name);
        BOOST_TEST(!family.help.empty(), family.name);
    }
}

BOOST_AUTO_TEST_CASE(callers_of_a_source_are_counted) {
    auto const tokens = source();
    metrics->watch("s", tokens);
    BOOST_TEST(collected().at("equinix_sts_token_served_seconds{source=\"s\"}") == 0);
    BOOST_TEST(waiting(context, [&] { return tokens.try_get(); }).wait().has_value());
    auto const now = collected();
    BOOST_TEST(now.at("equinix_sts_token_hits_total{source=\"s\"}") == 0);
    BOOST_TEST(now.at("equinix_sts_token_misses_total{source=\"s\"}") == 1);
    BOOST_TEST(now.at("equinix_sts_tokens_total{source=\"s\"}") == 1);
    auto const served = now.at("equinix_sts_token_served_seconds{source=\"s\"}");
    BOOST_TEST(served > 0);
    BOOST_TEST(served <= 3600);
}

BOOST_FIXTURE_TEST_CASE(the_keys_of_a_cache_are_counted, with_service) {
    sts::token_cache const cache(client);
    metrics->watch("c", cache);
    BOOST_TEST(waiting(context, [&] { return cache.try_get(request); }).wait().has_value());
    BOOST_TEST(collected().at("equinix_sts_cache_keys{cache=\"c\"}") == 1);
    BOOST_TEST(collected().at("equinix_sts_token_fetches_total{cache=\"c\"}") == 1);
}

BOOST_AUTO_TEST_CASE(buckets_count_what_is_below_their_bound_or_equal) {
    auto const into = metrics->attempts();
    into(ended_after(5ms));
    into(ended_after(5ms + 1us));
    into(ended_after(300ms));
    into(ended_after(20s));
    auto const now = collected();
    BOOST_TEST(now.at(bucket + std::string("0.005\"}")) == 1);
    BOOST_TEST(now.at(bucket + std::string("0.01\"}")) == 2);
    BOOST_TEST(now.at(bucket + std::string("0.25\"}")) == 2);
    BOOST_TEST(now.at(bucket + std::string("0.5\"}")) == 3);
    BOOST_TEST(now.at(bucket + std::string("10\"}")) == 3);
    BOOST_TEST(now.at(bucket + std::string("+Inf\"}")) == 4);
    BOOST_TEST(now.at("equinix_sts_attempt_seconds_count") == 4);
    BOOST_TEST(std::abs(now.at("equinix_sts_attempt_seconds_sum") - 20.310001) < 1e-9);
}

BOOST_AUTO_TEST_CASE(only_the_end_of_an_attempt_is_measured) {
    auto const into = metrics->attempts();
    auto other = ended_after(1s);
    other.type = sts::event_type::connection_opened;
    into(other);
    BOOST_TEST(collected().at("equinix_sts_attempt_seconds_count") == 0);
}

BOOST_AUTO_TEST_CASE(its_observer_may_outlive_it) {
    auto const into = metrics->attempts();
    metrics.reset();
    BOOST_CHECK_NO_THROW(into(ended_after(1s)));
}

BOOST_AUTO_TEST_CASE(another_object_of_the_same_name_takes_the_place) {
    auto const first = source();
    metrics->watch("s", first);
    BOOST_TEST(waiting(context, [&] { return first.try_get(); }).wait().has_value());
    BOOST_TEST(collected().at("equinix_sts_token_served_seconds{source=\"s\"}") > 0);
    metrics->watch("s", source());
    BOOST_TEST(collected().at("equinix_sts_token_served_seconds{source=\"s\"}") == 0);
}

BOOST_AUTO_TEST_CASE(forget_ends_the_metrics_of_a_name) {
    metrics->watch("s", source());
    metrics->watch("t", source());
    metrics->forget("s");
    auto const now = collected();
    auto const of = [&](std::string const& name) {
        return std::ranges::count_if(
            now, [&](auto const& line) { return line.first.ends_with("\"" + name + "\"}"); });
    };
    BOOST_TEST(of("s") == 0);
    BOOST_TEST(of("t") > 5);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_it_watches_and_that_it_observes_ends_with_it, with_service) {
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    auto const alive = std::make_shared<int>();
    options.observer = [alive, into = metrics->attempts()](sts::event const& what) { into(what); };
    metrics->watch("a", sts::client(context.get_executor(), options));
    options.observer = nullptr;
    BOOST_TEST(alive.use_count() > 1);
    metrics.reset();
    context.restart();
    context.run(); // the client's end is posted
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
