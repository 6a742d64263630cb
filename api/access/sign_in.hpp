// Who is asking (issue, point 7): checks access tokens against the registry, and whether what was vouched for then still holds.
// Safe from any thread. Nothing here says or logs a token; what it says of one is its reason for refusing it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/access/replay_cache.hpp"
#include "api/backend.hpp"
#include "inspection/access/account.hpp"

namespace socai::api {

struct SignedIn {
    inspection::Account account;
    // When it is over, ms since the Unix epoch; nothing: with the connection (a client certificate).
    std::optional<std::int64_t> ends_ms;
};

class SignIns {
  public:
    // `origin`: what `aud` of a token must be. The backend must outlive this.
    SignIns(const Backend& backend, std::string origin, std::size_t max_tokens)
        : backend_(backend), origin_(std::move(origin)), used_(max_tokens) {}

    // `connection` uses the token; the first that does is the only one that may. Errors, forbidden: malformed_token,
    // token_lifetime, unknown_kid, key_not_valid, key_not_for_sign_in, wrong_audience, token_expired, token_from_the_future,
    // bad_token_signature, not_delegated, token_replayed; overloaded: too_many_tokens.
    Result<SignedIn> sign_in(std::string_view token, std::uint64_t connection);

    // The account of whoever holds this key: by a certificate, at the handshake. Errors, forbidden: unknown_kid,
    // key_not_valid, key_not_for_sign_in.
    Result<SignedIn> vouched_for(const ledger::PublicKey& key) const;

    // What the account sees now; nothing: it is over, by its time or because its key or its delegation is no longer valid.
    std::optional<inspection::Viewer> viewer_of(const SignedIn& signed_in) const;

    const Backend& backend() const { return backend_; }

  private:
    const Backend& backend_;
    const std::string origin_;
    ReplayCache used_;
};

}  // namespace socai::api
