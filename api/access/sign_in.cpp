#include "api/access/sign_in.hpp"

#include "ledger/access_token.hpp"
#include "ledger/syntax.hpp"

namespace socai::api {
namespace {

Error refused(const ledger::Error& error) {
    return Error{Code::forbidden, error.reason, error.detail};
}

// The key, when it may vouch for anybody now.
Result<const ledger::RegisteredKey*> key_of(const ledger::Registry& registry, const std::string& kid,
                                            std::uint64_t size) {
    const ledger::RegisteredKey* key = registry.key(kid);
    if (key == nullptr)
        return Error{Code::forbidden, "unknown_kid",
                     "no key is registered as " + ledger::quote(kid) + "; sign in with a registered key"};
    if (!key->valid_at(size))
        return Error{Code::forbidden, "key_not_valid",
                     "the key " + ledger::quote(kid) + " is not valid, or no longer; sign in with another"};
    if (!inspection::may_sign_in(*key))
        return Error{Code::forbidden, "key_not_for_sign_in",
                     "the key " + ledger::quote(kid) + " is registered for something else than signing in"};
    return key;
}

}  // namespace

Result<SignedIn> SignIns::sign_in(std::string_view text, std::uint64_t connection) {
    const auto token = ledger::parse_access_token(text);
    if (!token) return refused(token.error());
    const auto registry = backend_.registry();
    const auto key = key_of(*registry, token->kid, backend_.as_of().size);
    if (!key) return key.error();
    const std::int64_t now_ms = backend_.now_ms();
    if (const auto checked = ledger::check_access_token(*token, (*key)->key, origin_, now_ms); !checked)
        return refused(checked.error());
    const std::string source = token->on_behalf.value_or((*key)->agency);
    if (!registry->may_speak_for((*key)->agency, source))
        return Error{Code::forbidden, "not_delegated",
                     ledger::quote(source) + " has not delegated to " + ledger::quote((*key)->agency) +
                         "; leave `for` out, or sign in with a key that may speak for it"};
    // Last: only a token that is good otherwise takes room.
    switch (used_.use(token->kid, token->id, connection, token->ends_ms(), now_ms)) {
        case ReplayCache::Verdict::accepted:
            return SignedIn{{token->kid, source}, token->ends_ms()};
        case ReplayCache::Verdict::replayed:
            return Error{Code::forbidden, "token_replayed",
                         "another connection has used this access token; make a new one for each connection"};
        case ReplayCache::Verdict::full:
            break;
    }
    return Error{Code::overloaded, "too_many_tokens",
                 "this key has too many access tokens that are not over; use one connection for many calls",
                 true};
}

Result<SignedIn> SignIns::vouched_for(const ledger::PublicKey& key) const {
    const auto registry = backend_.registry();
    const std::uint64_t size = backend_.as_of().size;
    Error why{Code::forbidden, "unknown_kid", "no key of this certificate is registered"};
    for (const auto& [kid, registered] : registry->keys()) {
        if (registered.key != key) continue;
        const auto usable = key_of(*registry, kid, size);
        if (usable) return SignedIn{{kid, registered.agency}, std::nullopt};
        why = usable.error();
    }
    return why;
}

std::optional<inspection::Viewer> SignIns::viewer_of(const SignedIn& signed_in) const {
    if (signed_in.ends_ms && backend_.now_ms() >= *signed_in.ends_ms) return std::nullopt;
    const auto registry = backend_.registry();
    const auto key = key_of(*registry, signed_in.account.kid, backend_.as_of().size);
    if (!key || !registry->may_speak_for((*key)->agency, signed_in.account.source)) return std::nullopt;
    return inspection::viewer_for(*registry, signed_in.account.source);
}

}  // namespace socai::api
