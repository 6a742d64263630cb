// Files of records as people write them: one JSON object, a JSON array of them, or one a line (JSONL). Every
// record keeps the exact bytes that it has in the file, because those bytes are what gets signed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace socai::node::client {

struct InputRecord {
    std::string bytes;     // as in the file, without white space around it
    std::size_t line = 0;  // where it starts, from 1
    std::string id;
    std::string source;
    std::string type;
};

// What is wrong with one record of the file.
struct InputFault {
    std::size_t line = 0;
    std::string reason;
    std::string detail;
};

struct RecordFile {
    std::vector<InputRecord> records;  // those that ledger::parse_record accepts, in the order of the file
    std::vector<InputFault> faults;    // of the others; an empty file is a fault
};

// Reads `text`. Faults: those of ledger::parse_record and parse_ijson, no_records, and for a record that
// stands in the file twice repeated_record.
RecordFile parse_record_file(std::string_view text);

}  // namespace socai::node::client
