// What an error says: its kind, phase and text, and whether to try again.
#include "base/failure.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/token.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace sts = equinix::sts;
using namespace equinix::sts;

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(names_every_kind_and_phase) {
    for (int kind = 1; kind <= static_cast<int>(sts::error_kind::malformed); ++kind) {
        auto const code = make_error_code(static_cast<sts::error_kind>(kind));
        BOOST_TEST(to_string(static_cast<sts::error_kind>(kind)) != "unknown");
        BOOST_TEST(code.message() == to_string(static_cast<sts::error_kind>(kind)));
    }
    BOOST_TEST(to_string(sts::error_kind::config) == "config");
    BOOST_TEST(to_string(sts::error_kind::malformed) == "malformed");
    BOOST_TEST(to_string(sts::phase::oauth) == "oauth");
    BOOST_TEST(to_string(static_cast<sts::phase>(99)) == "unknown");
}

BOOST_AUTO_TEST_CASE(says_all_that_is_known_in_one_line) {
    sts::error_info info;
    info.kind = sts::error_kind::oauth;
    info.phase = sts::phase::oauth;
    info.message = "the service refused the request";
    info.http_status = 400;
    info.oauth_error = "invalid_request";
    info.oauth_error_description = "no";
    info.retry_after = std::chrono::seconds(3);
    info.attempts = 2;
    BOOST_TEST(
        std::string(sts::error(info).what()) ==
        "oauth (oauth): the service refused the request; status 400; error=invalid_request; "
        "error_description=no; retry after 3 s; after 2 attempts [troubleshooting.md#invalid_request]");
}

BOOST_AUTO_TEST_CASE(is_thrown_by_the_value_of_a_failed_result) {
    sts::error_info info;
    info.kind = sts::error_kind::limit;
    sts::result<sts::token> const failed = info;
    BOOST_CHECK_EXCEPTION(failed.value(), sts::error,
                          [](sts::error const& e) { return e.kind() == sts::error_kind::limit; });
}

BOOST_AUTO_TEST_CASE(tells_whether_later_can_help) {
    auto const retryable = [](sts::error_kind kind, unsigned status = 0) {
        sts::error_info info;
        info.kind = kind;
        info.http_status = status;
        return info.retryable();
    };
    using enum sts::error_kind;
    for (auto const kind : {dns, connect, timeout, network, truncated, unavailable})
        BOOST_TEST(retryable(kind), to_string(kind));
    for (auto const kind : {config, tls, canceled, protocol, limit, redirect, http, malformed})
        BOOST_TEST(!retryable(kind), to_string(kind));
    BOOST_TEST(retryable(oauth, 503));
    BOOST_TEST(retryable(oauth, 409));
    BOOST_TEST(!retryable(oauth, 400));
    BOOST_TEST(!retryable(oauth, 501));
}

BOOST_AUTO_TEST_CASE(is_default_constructible_as_a_result) {
    sts::result<sts::token> const empty;
    BOOST_TEST(empty.has_value());
}

BOOST_AUTO_TEST_CASE(H30_tells_what_is_the_subject_tokens_fault_from_what_is_not) {
    auto const refused = [](std::string_view name, unsigned status, phase where = phase::oauth) {
        error_info info;
        info.kind = error_kind::oauth;
        info.phase = where;
        info.oauth_error = name;
        info.http_status = status;
        return info.subject_refused();
    };
    for (auto const* const name : {"invalid_grant", "invalid_request", "invalid_token"}) {
        BOOST_TEST(refused(name, 400), name);
        BOOST_TEST(!refused(name, 503), name);                  // retryable
        BOOST_TEST(!refused(name, 400, phase::supplier), name); // said by another service
    }
    for (auto const* const name : {"invalid_scope", "invalid_client", "unauthorized_client", "invalid_target",
                                   "unsupported_grant_type", "access_denied", ""})
        BOOST_TEST(!refused(name, 400), name);
    BOOST_TEST(refused("", 0, phase::supplier)); // the service has refused it before
    error_info other;
    other.kind = error_kind::config;
    BOOST_TEST(!other.subject_refused());
    other.subject_expired = true;
    BOOST_TEST(other.subject_refused());
}

BOOST_AUTO_TEST_CASE(each_way_to_make_one_gives_it_a_text_and_the_phase) {
    auto const code = make_error_code(boost::system::errc::no_such_process);
    for (int i = 0; i <= static_cast<int>(phase::store); ++i) {
        auto const where = static_cast<phase>(i);
        auto const told = base::failure(error_kind::network, where, "text", code);
        for (auto const& made : {told, base::copy_of(told), base::error_of(result<int>(told)),
                                 base::deadline_is_over(where), base::without_memory(where)}) {
            BOOST_TEST(!made.message.empty());
            BOOST_TEST((made.phase == where));
            BOOST_TEST(made.code.failed());
        }
    }
}

BOOST_AUTO_TEST_CASE(of_many_earlier_attempts_the_text_has_the_first_and_the_last) {
    error_info info;
    info.kind = error_kind::connect;
    info.attempts = 21;
    for (int i = 0; i < 20; ++i)
        info.earlier.push_back({error_kind::connect, phase::connect, {}, 0, std::chrono::seconds(i)});
    auto const text = info.to_string();
    BOOST_TEST(text.find("connect (connect) at 3000 ms, 12 more, connect (connect) at 16000 ms") !=
               std::string::npos);
    BOOST_TEST(text.find("at 19000 ms") != std::string::npos);
    BOOST_TEST(text.find("at 4000 ms") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
