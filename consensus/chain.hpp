// The hash chain over entries: making an entry, and checking that one follows another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/message.hpp"
#include "consensus/types.hpp"

namespace socai::consensus {

Digest sha256(std::string_view bytes);

// The entry that follows `previous`, its id computed.
EntryPtr make_entry(const EntryId& previous, Term term, EntryKind kind, const Digest& digest,
                    const std::optional<Digest>& mark, std::string payload);
// The no-op of a new leader; its digest is SHA-256 of nothing.
EntryPtr make_noop(const EntryId& previous, Term term);

// True when `entry` stands right after `previous` and its hash is the chain's.
bool follows(const EntryId& previous, const Entry& entry);
// True when the entries of `request` follow one another from its `previous`, none of a later term than the
// leader's, and its no-ops say nothing. What fails this no honest leader sent.
bool is_chained(const AppendRequest& request);

}  // namespace socai::consensus
