// The token of a source in gRPC calls: a server in this process receives them.
#include "support/token_source.hpp"

#include <equinix/sts/grpc.hpp>

#include <boost/asio/executor_work_guard.hpp>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <mutex>
#include <thread>

using namespace test;

namespace {

/// Answers each call with OK, and keeps its metadata `authorization`.
class server {
public:
    server() {
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::experimental::LocalServerCredentials(LOCAL_TCP),
                                 &port_);
        builder.RegisterAsyncGenericService(&calls_);
        queue_ = builder.AddCompletionQueue();
        server_ = builder.BuildAndStart();
        serves_ = std::thread([this] { serve(); });
    }
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server() {
        {
            std::scoped_lock const lock(mutex_);
            stopping_ = true; // gRPC allows no call to be requested from here on
        }
        server_->Shutdown();
        queue_->Shutdown();
        serves_.join();
        void* tag = nullptr;
        for (bool ok = false; queue_->Next(&tag, &ok);) // a queue must be empty at its end
            continue;
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::vector<std::string> const& shown() const { return shown_; } ///< by the calls that have ended

private:
    void serve() {
        for (;;) {
            grpc::GenericServerContext call;
            grpc::GenericServerAsyncReaderWriter stream(&call);
            {
                std::scoped_lock const lock(mutex_);
                if (stopping_) return;
                calls_.RequestCall(&call, &stream, queue_.get(), queue_.get(), nullptr);
            }
            void* tag = nullptr;
            bool ok = false;
            if (!queue_->Next(&tag, &ok) || !ok) return;
            auto const found = call.client_metadata().find("authorization");
            shown_.emplace_back(found == call.client_metadata().end()
                                    ? std::string()
                                    : std::string(found->second.begin(), found->second.end()));
            stream.Finish(grpc::Status::OK, nullptr);
            if (!queue_->Next(&tag, &ok)) return;
        }
    }

    grpc::AsyncGenericService calls_;
    std::unique_ptr<grpc::ServerCompletionQueue> queue_;
    std::unique_ptr<grpc::Server> server_;
    int port_ = 0;
    std::mutex mutex_;
    bool stopping_ = false;
    std::vector<std::string> shown_;
    std::thread serves_;
};

struct fixture {
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
    std::thread runs = std::thread([this] { context.run(); });
    server api;
    std::atomic<int> tokens_made = 0;

    ~fixture() { stop(); }
    void stop() {
        context.stop();
        if (runs.joinable()) runs.join();
    }

    /// A source whose function throws `failure`, or else makes a token, bound to `key` if there is one.
    sts::token_source source(std::optional<sts::error_info> failure = {},
                             std::optional<sts::signing_key> key = {}) {
        return sts::token_source(context.get_executor(), [this, failure, key] { return make(failure, key); });
    }
    asio::awaitable<sts::token> make(std::optional<sts::error_info> failure,
                                     std::optional<sts::signing_key> key) {
        if (failure) throw sts::error(*failure);
        sts::token made;
        if (key) made.bind(*key);
        made.set_access_token("t" + std::to_string(++tokens_made));
        made.expires_in = std::chrono::hours(1);
        co_return made;
    }
    static sts::error_info failure(sts::error_kind kind, std::string message) {
        sts::error_info made;
        made.kind = kind;
        made.message = std::move(message);
        return made;
    }
    grpc::Status call(sts::token_source const& tokens) {
        auto const channel = grpc::CreateChannel(
            api.address(),
            grpc::CompositeChannelCredentials(grpc::experimental::LocalCredentials(LOCAL_TCP),
                                              sts::grpc_credentials(context.get_executor(), tokens)));
        grpc::ClientContext made;
        made.set_deadline(std::chrono::system_clock::now() + patience);
        grpc::CompletionQueue mine;
        grpc::GenericStub stub(channel);
        grpc::ByteBuffer const nothing;
        grpc::ByteBuffer answer;
        grpc::Status status;
        auto const reader = stub.PrepareUnaryCall(&made, "/orders.Orders/List", nothing, &mine);
        reader->StartCall();
        reader->Finish(&answer, &status, &mine);
        void* tag = nullptr;
        bool ok = false;
        mine.Next(&tag, &ok);
        return status;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(grpc_credentials, fixture)

BOOST_AUTO_TEST_CASE(calls_show_the_token_of_the_source) {
    auto const tokens = source();
    BOOST_TEST(call(tokens).ok());
    BOOST_TEST(call(tokens).ok());
    BOOST_REQUIRE(api.shown().size() == 2U);
    BOOST_TEST(api.shown()[0] == "Bearer t1");
    BOOST_TEST(api.shown()[1] == "Bearer t1");
}

BOOST_AUTO_TEST_CASE(a_token_that_is_there_needs_nobody_who_runs_the_executor) {
    auto const tokens = source();
    BOOST_TEST(call(tokens).ok());
    stop();
    BOOST_TEST(call(tokens).ok());
    BOOST_TEST(api.shown().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_call_without_a_token_says_why) {
    for (auto const kind : {sts::error_kind::network, sts::error_kind::oauth, sts::error_kind::config}) {
        auto const status = call(source(failure(kind, "the reason")));
        BOOST_TEST(status.error_code() == grpc::StatusCode::UNAVAILABLE);
        BOOST_TEST(status.error_message().find("the reason") != std::string::npos, status.error_message());
    }
    BOOST_TEST(api.shown().empty());
}

BOOST_AUTO_TEST_CASE(a_token_that_is_bound_to_a_key_is_not_sent) {
    auto const status = call(source({}, sts::signing_key::generate()));
    BOOST_TEST(status.error_code() == grpc::StatusCode::UNAVAILABLE);
    BOOST_TEST(status.error_message().find("bound to a key") != std::string::npos, status.error_message());
    BOOST_TEST(api.shown().empty());
}

BOOST_AUTO_TEST_CASE(a_closed_source_ends_calls_with_its_error) {
    auto const tokens = source();
    tokens.close();
    auto const status = call(tokens);
    BOOST_TEST(status.error_code() == grpc::StatusCode::UNAVAILABLE);
    BOOST_TEST(status.error_message().find("canceled") != std::string::npos, status.error_message());
}

BOOST_AUTO_TEST_SUITE_END()
