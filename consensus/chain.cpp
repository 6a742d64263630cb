#include "consensus/chain.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <array>
#include <cassert>
#include <cstring>
#include <utility>

namespace socai::consensus {
namespace {

static_assert(std::tuple_size_v<Digest> == crypto_hash_sha256_BYTES);

// The hashed bytes are of one of two fixed lengths, so they are laid out on the stack in one piece.
class Preimage {
  public:
    void add(const Digest& digest) {
        assert(size_ + digest.size() <= bytes_.size());
        std::memcpy(bytes_.data() + size_, digest.data(), digest.size());
        size_ += digest.size();
    }
    void add(std::uint64_t value) {
        for (int shift = 56; shift >= 0; shift -= 8) add(static_cast<std::uint8_t>(value >> shift));
    }
    void add(std::uint8_t byte) {
        assert(size_ < bytes_.size());
        bytes_[size_++] = byte;
    }
    Digest sha256() const {
        Digest digest;
        crypto_hash_sha256(digest.data(), bytes_.data(), size_);
        return digest;
    }

  private:
    std::array<std::uint8_t, 32 + 8 + 8 + 1 + 32 + 1 + 32> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace

Digest sha256(std::string_view bytes) {
    Digest digest;
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

Digest chain_hash(const Digest& previous, Term term, Index index, EntryKind kind, const Digest& digest,
                  const std::optional<Digest>& mark) {
    Preimage preimage;
    preimage.add(previous);
    preimage.add(term.value);
    preimage.add(index.value);
    preimage.add(static_cast<std::uint8_t>(kind));
    preimage.add(digest);
    preimage.add(static_cast<std::uint8_t>(mark.has_value()));
    if (mark) preimage.add(*mark);
    return preimage.sha256();
}

EntryPtr make_entry(const EntryId& previous, Term term, EntryKind kind, const Digest& digest,
                    const std::optional<Digest>& mark, std::string payload) {
    assert(term >= previous.term);
    auto entry = std::make_shared<Entry>();
    entry->id = {term, previous.index + 1,
                 chain_hash(previous.hash, term, previous.index + 1, kind, digest, mark)};
    entry->kind = kind;
    entry->digest = digest;
    entry->mark = mark;
    entry->payload = std::move(payload);
    return entry;
}

EntryPtr make_noop(const EntryId& previous, Term term) {
    return make_entry(previous, term, EntryKind::noop, Preimage().sha256(), std::nullopt, {});
}

bool follows(const EntryId& previous, const Entry& entry) {
    return entry.id.index == previous.index + 1 && entry.id.term >= previous.term &&
           entry.id.hash ==
               chain_hash(previous.hash, entry.id.term, entry.id.index, entry.kind, entry.digest, entry.mark);
}

namespace {

bool says_nothing(const Entry& noop) {
    return noop.payload.empty() && !noop.mark && noop.digest == sha256({});
}

}  // namespace

bool is_chained(const AppendRequest& request) {
    const EntryId* previous = &request.previous;
    for (const EntryPtr& entry : request.entries) {
        if (!entry || entry->id.term > request.term || !follows(*previous, *entry)) return false;
        if (entry->kind == EntryKind::noop && !says_nothing(*entry)) return false;
        previous = &entry->id;
    }
    return request.previous.term <= request.term;
}

}  // namespace socai::consensus
