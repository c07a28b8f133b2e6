// One making of signatures on another thread, and who no longer waits for it (case O8 of doc/faults.md).
#include "base/failure.hpp"
#include "client/signing_call.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace sts = equinix::sts;
namespace client_detail = equinix::sts::client_detail;
namespace core = equinix::sts::core;
using client_detail::signing_call;
using client_detail::signing_worker;

namespace {

struct answers final : client_detail::outside_call::asker {
    void supplied(client_detail::outside_call&,
                  sts::result<client_detail::supplied_subject>) noexcept override {}
    void signed_by(client_detail::outside_call&, sts::result<core::signatures> answer) noexcept override {
        ++count;
        if (answer.has_value()) proof = answer->proof;
        if (answer.has_error()) kind = answer.error().kind;
    }

    int count = 0;
    std::string proof;
    sts::error_kind kind{};
};

struct fixture {
    std::shared_ptr<signing_call> call(signing_worker::job job) {
        return std::make_shared<signing_call>(context.get_executor(), worker, std::move(job));
    }

    boost::asio::io_context context;
    std::shared_ptr<signing_worker> const worker = std::make_shared<signing_worker>();
    std::shared_ptr<answers> const asked = std::make_shared<answers>();
    std::atomic<int> jobs = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(signing_calls, fixture)

BOOST_AUTO_TEST_CASE(bring_what_was_signed_to_the_executor) {
    auto const one = call([] {
        core::signatures made;
        made.proof = "a.b.c";
        return made;
    });
    one->begin(asked);
    context.run(); // which the call keeps running until then
    BOOST_TEST(asked->count == 1);
    BOOST_TEST(asked->proof == "a.b.c");
}

BOOST_AUTO_TEST_CASE(O7_bring_the_error_of_a_key) {
    auto const one = call([]() -> core::signatures {
        throw sts::error(sts::base::failure(sts::error_kind::key, sts::phase::sign, "pulled out"));
    });
    one->begin(asked);
    context.run();
    BOOST_TEST(asked->count == 1);
    BOOST_TEST((asked->kind == sts::error_kind::key));
}

BOOST_AUTO_TEST_CASE(O8_one_that_is_cancelled_first_does_not_begin) {
    auto const one = call([this] {
        ++jobs;
        return core::signatures();
    });
    one->cancel();
    one->begin(asked);
    context.run(); // there is nothing to wait for
    BOOST_TEST(asked->count == 0);
    BOOST_TEST(jobs == 0);
}

BOOST_AUTO_TEST_CASE(O8_one_that_is_cancelled_later_tells_nobody) {
    auto const one = call([] { return core::signatures(); });
    one->begin(asked);
    one->cancel();
    context.run();
    BOOST_TEST(asked->count == 0);
}

BOOST_AUTO_TEST_SUITE_END()
