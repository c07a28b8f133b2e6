// What a proof (RFC 9449) costs beside its signature.
#include "base/openssl_ptr.hpp"
#include "values/proof.hpp"

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace sts = equinix::sts;
namespace base = sts::base;

namespace {

/// The least that an ES256 signature takes: all that can be is made before.
void an_es256_signature_of_openssl(benchmark::State& state) {
    base::openssl_ptr<EVP_PKEY> const key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    base::openssl_ptr<EVP_PKEY_CTX> const context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_sign_init(context.get()) != 1) return state.SkipWithError("no context");
    std::array<unsigned char, 32> const digest{};
    std::array<unsigned char, 80> signature{};
    for (auto _ : state) {
        auto size = signature.size();
        if (EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) != 1)
            return state.SkipWithError("not signed");
        benchmark::DoNotOptimize(signature);
    }
}
BENCHMARK(an_es256_signature_of_openssl);

void a_proof(benchmark::State& state) {
    auto const key = sts::signing_key::generate();
    sts::values::proof_claims claims;
    claims.method = "POST";
    claims.target = "https://sts.example/use/token";
    auto const now = std::chrono::system_clock::now();
    for (auto _ : state) {
        auto made = sts::values::make_proof(key, claims, now);
        benchmark::DoNotOptimize(made);
    }
}
BENCHMARK(a_proof);

} // namespace
