// The keys of the mock service.
#pragma once

#include <equinix/sts/keys.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::testing {

/// A key pair with a name. May be used from any thread once constructed.
class named_key {
public:
    named_key(signature_algorithm algorithm, std::string id);

    signing_algorithm algorithm() const noexcept { return key_.algorithm(); }
    std::string const& id() const noexcept { return id_; }

    std::string sign(std::string_view data) const { return key_.sign(data); }
    bool verify(std::string_view data, std::string_view signature) const;

private:
    std::string id_;
    signing_key key_;
};

} // namespace equinix::sts::testing
