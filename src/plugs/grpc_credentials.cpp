#include <equinix/sts/grpc.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <grpcpp/security/credentials.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace equinix::sts {
namespace {

namespace asio = boost::asio;
using token_ptr = std::shared_ptr<token const>;

constexpr auto longest_wait = std::chrono::seconds(60); // in case nobody runs the executor

/// gRPC ends the call with `UNAVAILABLE` for each failure of its credentials, whatever their code.
grpc::Status failure(std::string const& text) {
    return {grpc::StatusCode::UNAVAILABLE, text};
}

class token_plugin final : public grpc::MetadataCredentialsPlugin {
public:
    token_plugin(asio::any_io_executor executor, token_source tokens)
        : executor_(std::move(executor)), tokens_(std::move(tokens)) {}

    bool IsBlocking() const override { return true; } // gRPC has threads for it
    char const* GetType() const override { return "equinix-sts"; }

    grpc::Status GetMetadata(grpc::string_ref, grpc::string_ref, grpc::AuthContext const&,
                             std::multimap<grpc::string, grpc::string>* metadata) override {
        try {
            auto const got = current();
            if (got->proof_key())
                return failure("the token is bound to a key: gRPC calls have no DPoP proof");
            metadata->emplace("authorization", std::string(got->authorization().reveal()));
            return grpc::Status::OK;
        } catch (error const& failed) {
            return failure(failed.info().to_string());
        } catch (std::exception const&) {
            return failure("the token could not be awaited: does a thread run its executor?");
        }
    }

private:
    token_ptr current() const {
        if (auto there = tokens_.peek()) return there;
        auto coming = asio::co_spawn(executor_, tokens_.get(longest_wait), asio::use_future);
        if (coming.wait_for(longest_wait) != std::future_status::ready)
            throw std::future_error(std::future_errc::broken_promise);
        return coming.get();
    }

    asio::any_io_executor const executor_;
    token_source const tokens_;
};

} // namespace

std::shared_ptr<grpc::CallCredentials> grpc_credentials(asio::any_io_executor executor, token_source tokens) {
    return grpc::MetadataCredentialsFromPlugin(
        std::make_unique<token_plugin>(std::move(executor), std::move(tokens)));
}

} // namespace equinix::sts
