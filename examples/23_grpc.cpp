// gRPC calls with the token of a source as call credentials. The server here reports what it received.
#include <equinix/sts.hpp>
#include <equinix/sts/grpc.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <thread>

namespace sts = equinix::sts;
namespace asio = boost::asio;

/// Serves one call. Returns its metadata `authorization`.
std::string received(grpc::ServerCompletionQueue& queue, grpc::AsyncGenericService& service) {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream(&context);
    service.RequestCall(&context, &stream, &queue, &queue, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    auto const found = context.client_metadata().find("authorization");
    std::string const text = found == context.client_metadata().end()
                                 ? ""
                                 : std::string(found->second.begin(), found->second.end());
    stream.Finish(grpc::Status::OK, nullptr);
    queue.Next(&tag, &ok);
    return text;
}

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    asio::io_context context;
    auto const work = asio::make_work_guard(context);
    std::thread runs([&] { context.run(); }); // gRPC's threads wait for tokens, so another one must run this

    int port = 0;
    grpc::ServerBuilder builder;
    grpc::AsyncGenericService api;
    builder.AddListeningPort("127.0.0.1:0", grpc::experimental::LocalServerCredentials(LOCAL_TCP), &port);
    builder.RegisterAsyncGenericService(&api);
    auto const queue = builder.AddCompletionQueue();
    auto const server = builder.BuildAndStart();
    std::string shown;
    std::thread serves([&] { shown = received(*queue, api); });
    // [credentials]
    sts::token_source const tokens(
        sts::client(context.get_executor(), options),
        sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s")));
    auto const secured =
        grpc::experimental::LocalCredentials(LOCAL_TCP); // grpc::SslCredentials(...) elsewhere
    auto const channel = grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(port),
        grpc::CompositeChannelCredentials(secured, sts::grpc_credentials(context.get_executor(), tokens)));
    // [credentials]
    grpc::ClientContext call;
    grpc::CompletionQueue mine;
    grpc::GenericStub stub(channel);
    grpc::ByteBuffer const request;
    grpc::ByteBuffer answer;
    grpc::Status status;
    auto const reader = stub.PrepareUnaryCall(&call, "/orders.Orders/List", request, &mine);
    reader->StartCall();
    reader->Finish(&answer, &status, &mine);
    void* tag = nullptr;
    bool ok = false;
    mine.Next(&tag, &ok);
    serves.join();
    server->Shutdown();
    queue->Shutdown();
    tokens.close();
    context.stop();
    runs.join();
    bool const right = shown.starts_with("Bearer ") && service.claims(shown.substr(7)).has_value();
    std::cout << (right ? "the server got the token\n" : "the server got '" + shown + "'\n");
    return right ? 0 : 1;
}
