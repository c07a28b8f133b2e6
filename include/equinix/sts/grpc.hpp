/// \file
/// The token of a source as credentials for gRPC calls. Needs gRPC for C++; link `equinix::sts_grpc`. Not
/// part of `<equinix/sts.hpp>`.
#pragma once

#include <equinix/sts/token_source.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace grpc {
class CallCredentials;
}

namespace equinix::sts {

/// Creates credentials that add `authorization: Bearer <token>` to the metadata of each call. Combine them
/// with those of a channel, or set them for one call:
/// `grpc::CompositeChannelCredentials(grpc::SslCredentials({}), grpc_credentials(executor, tokens))`.
/// gRPC sends them only over a secure channel.
///
/// If the source has a token, it is used immediately, in the thread of the call. Otherwise a thread of gRPC
/// waits for one, at most 60 s, so other threads must run `executor`. A call for which there is no token
/// ends with `UNAVAILABLE`, which gRPC chooses for each failure of credentials; its message contains the
/// text of the `sts::error`, without a secret. A token that is bound to a key (DPoP) cannot be used: the call
/// ends in the same way.
///
/// \param executor where the source's coroutines run, such as that of the source's client. Its context must
///                 outlive the credentials and the channels that use them.
/// \param tokens   the source. The credentials hold it.
std::shared_ptr<grpc::CallCredentials> grpc_credentials(boost::asio::any_io_executor executor,
                                                        token_source tokens);

} // namespace equinix::sts
