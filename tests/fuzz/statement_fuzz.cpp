// Any bytes as an entry, as a statement, and as a record.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "ledger/entry.hpp"
#include "ledger/record.hpp"
#include "ledger/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::ledger;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto entry = split_entry(bytes)) {
        assert(make_entry(entry->time_ms, entry->statement) == bytes);
        const auto inside = parse_statement(entry->statement);
        assert(inside || !inside.error().reason.empty());
    }
    const auto statement = parse_statement(bytes);
    if (statement)
        assert(statement->text == bytes && !statement->records.empty());
    else
        assert(!statement.error().detail.empty());
    const auto record = parse_record(bytes);
    assert(record || !record.error().detail.empty());
    return 0;
}
