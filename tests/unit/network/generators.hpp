// Random messages of every kind, and equality of them, for the codec's property tests.
#pragma once

#include <rapidcheck.h>

#include "network/frame.hpp"

namespace socai::network::test {

consensus::EntryPtr make_entry(std::uint64_t term, std::uint64_t index, std::string payload);

// Well-formed: what a correct peer may send.
rc::Gen<consensus::Message> any_message();
rc::Gen<Payload> any_payload();

// Field by field, written without the serialisation code, so that a field forgotten there is noticed.
bool same(const Payload& a, const Payload& b);

}  // namespace socai::network::test
