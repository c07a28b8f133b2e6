/// \file
/// Keys that sign: proofs of possession (DPoP, RFC 9449) and client assertions (RFC 7523).
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// The algorithms of a signature (RFC 7518 section 3.1, RFC 8037 section 3.1).
enum class signing_algorithm {
    es256, ///< ECDSA with P-256 and SHA-256
    es384, ///< ECDSA with P-384 and SHA-384
    es512, ///< ECDSA with P-521 and SHA-512
    eddsa, ///< Ed25519 or Ed448
    rs256, ///< RSASSA-PKCS1-v1_5 with SHA-256
    ps256  ///< RSASSA-PSS with SHA-256
};

/// Returns the name in a JWS header, as in `"ES256"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(signing_algorithm) noexcept;

/// Returns the algorithm for which `to_string` returns this name, or nothing if there is none. Never fails.
EQUINIX_STS_DECL std::optional<signing_algorithm> signing_algorithm_from(std::string_view name) noexcept;

/// A private key that signs.
///
/// Keys on the curves P-256, P-384 and P-521, Ed25519 and Ed448 keys, and RSA keys of 2,048 to 8,192 bits
/// are accepted. An RSA key signs with RS256 unless PS256 is requested; every other key has only one
/// algorithm.
///
/// A key cannot be printed, and its private part cannot be read. Copies share one key, which OpenSSL wipes
/// when the last of them is destroyed.
///
/// Thread-safety: as for `std::shared_ptr<T const>`: different threads may use different copies, and sign at
/// the same time.
class EQUINIX_STS_DECL signing_key {
public:
    /// Asks for a passphrase or a PIN. Called at most once for each key that is loaded. May throw.
    using passphrase_callback = std::function<secret()>;

    /// Generates a key: for RSA one of 2,048 bits, for EdDSA an Ed25519 key.
    ///
    /// \throws sts::error of kind `config` if OpenSSL cannot generate one. std::bad_alloc.
    static signing_key generate(signing_algorithm algorithm = signing_algorithm::es256);

    /// Reads the first private key of a PEM text: PKCS #8, encrypted or not, or one of OpenSSL's older
    /// formats.
    ///
    /// \param pem        the text, which the caller wipes.
    /// \param passphrase called if the key is encrypted.
    /// \param algorithm  for an RSA key: RS256 or PS256. For other keys, if it is set, it must be theirs.
    /// \throws sts::error of kind `config` that says what is wrong: no key, only a public key, a wrong or
    ///         missing passphrase, a key that is not accepted. Whatever the callback throws.
    ///         std::bad_alloc.
    static signing_key from_pem(std::string_view pem, passphrase_callback const& passphrase = {},
                                std::optional<signing_algorithm> algorithm = std::nullopt);

    /// As `from_pem`, from a file of at most 64 KiB, which may be a pipe. Blocks while it is read, for at
    /// most 30 s.
    static signing_key from_file(std::string const& path, passphrase_callback const& passphrase = {},
                                 std::optional<signing_algorithm> algorithm = std::nullopt);

    /// Loads a key by a URI through OpenSSL's stores: `pkcs11:...` (RFC 7512) or `handle:...` for a key that
    /// stays in its token or TPM, `file:...` for a file. OpenSSL's configuration must name the provider that
    /// serves the URI. Blocks for as long as the provider takes, because a trial signature shows whether the
    /// key can sign.
    ///
    /// A key that stays in its token signs on a thread of the library, never on one of the executor.
    ///
    /// \param uri       the URI. No error contains its query, which may contain a PIN.
    /// \param pin       called if the provider asks for a passphrase or a PIN.
    /// \param algorithm as for `from_pem`.
    /// \throws sts::error as `from_pem` does; also if no provider serves the URI, or it names no private key.
    static signing_key from_uri(std::string_view uri, passphrase_callback const& pin = {},
                                std::optional<signing_algorithm> algorithm = std::nullopt);

    /// Returns the algorithm with which the key signs. Never fails.
    signing_algorithm algorithm() const noexcept;

    /// Returns the public key as a JWK with the required members alone, in lexicographic order and without
    /// white space (RFC 7517, RFC 7638 section 3.2). The reference is valid while the key or a copy exists.
    std::string const& public_jwk() const noexcept;

    /// Returns the SHA-256 thumbprint of the public key in base64url (RFC 7638). It is what the claim `jkt`
    /// of a bound token contains (RFC 9449 section 6.1), and equal for equal keys. The reference is valid
    /// while the key or a copy exists.
    std::string const& thumbprint() const noexcept;

    /// Returns whether the client signs on the thread of the exchange. Otherwise (RSA, and each key of a
    /// provider other than OpenSSL's own) it signs on another thread while the exchange waits. Never fails.
    bool signs_inline() const noexcept;

    /// Signs a text. Returns the signature in the form of JWS (RFC 7515), before base64url. Blocks for as
    /// long as the key's provider takes.
    ///
    /// \throws sts::error of kind `key` if the key can no longer sign, for example because its token was
    ///         removed. std::bad_alloc.
    std::string sign(std::string_view text) const;

    /// Returns whether both are copies of one key, or have the same public key and algorithm.
    friend bool operator==(signing_key const& a, signing_key const& b) noexcept {
        return a.state_ == b.state_ || (a.thumbprint() == b.thumbprint() && a.algorithm() == b.algorithm());
    }

private:
    friend struct signing_key_access;
    struct state;
    explicit signing_key(std::shared_ptr<state const> made) noexcept : state_(std::move(made)) {}

    std::shared_ptr<state const> state_;
};

/// Deleted: a key must not be logged. Log its `thumbprint()` instead.
std::ostream& operator<<(std::ostream&, signing_key const&) = delete;

} // namespace equinix::sts
