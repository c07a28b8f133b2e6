/// \file
/// Checks that a token store does what the interface requires.
#pragma once

#include <equinix/sts/token_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace equinix::sts::testing {

/// Checks a store of your own: records and their expiry, swaps, leases, concurrent commands, unusual names
/// and contents. Does not check how fast the store is, nor that a lease that is never renewed ends for
/// good. `one` and `other` must be two objects that share their records, as two processes do. They may be
/// the same object, but then the checks find less. Must run on one thread or on a strand. Takes a few
/// seconds, uses names of its own and removes what it has stored.
///
/// \returns the rules that were broken, each as a sentence. Empty if there are none.
boost::asio::awaitable<std::vector<std::string>> check_store(std::shared_ptr<token_store> one,
                                                             std::shared_ptr<token_store> other);

} // namespace equinix::sts::testing
