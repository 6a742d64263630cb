#include "node/recover/entries_file.hpp"

#include <optional>
#include <string_view>

#include "consensus/chain.hpp"
#include "node/files.hpp"
#include "storage/log_format.hpp"

namespace socai::node::recover {
namespace {

constexpr std::string_view first_line = "socai log entries v1\n";
constexpr std::size_t id_bytes = 48;
constexpr std::size_t read_bytes = std::size_t{8} << 20;
constexpr std::size_t max_file_bytes = std::size_t{1} << 31;

void put(std::string& bytes, std::uint64_t value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
}

// Takes `size` bytes from the front; nothing when they are not there.
std::optional<std::string_view> take(std::string_view& bytes, std::size_t size) {
    if (bytes.size() < size) return std::nullopt;
    const std::string_view taken = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return taken;
}

std::uint64_t number_in(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

Error malformed(const std::string& path) {
    return {
        Exit::usage, "malformed_entries",
        path +
            " is not whole, or no file of log entries: make it anew with `socai recover entries` at the most "
            "advanced survivor"};
}

Error from_storage(const storage::Error& error) {
    return {Exit::no, error.reason, error.detail};
}

}  // namespace

Result<std::uint64_t> write_entries(const storage::LogStore& log, consensus::Index previous,
                                    const std::string& path) {
    const auto before = log.id_at(previous);
    if (!before) return from_storage(before.error());
    std::string bytes(first_line);
    bytes += storage::encode_id(*before);
    const consensus::Index last = log.start().log.last.index;
    for (consensus::Index next = previous + 1; next <= last;) {
        const auto entries = log.read(next, last, read_bytes);
        if (!entries) return from_storage(entries.error());
        if (entries->empty())
            return Error{Exit::no, "corrupt_log", "The log ends before the entry that it should hold"};
        for (const consensus::EntryPtr& entry : *entries) {
            const std::string stored = storage::encode_entry(*entry);
            put(bytes, entry->id.term.value, 8);
            put(bytes, stored.size(), 4);
            bytes += stored;
        }
        next = entries->back()->id.index + 1;
    }
    if (const auto written = write_file(path, bytes, 0600); !written) return written.error();
    return last.value - previous.value;
}

Result<LogEntries> read_entries(const std::string& path) {
    const auto read = read_file(path, max_file_bytes);
    if (!read) return read.error();
    std::string_view bytes = *read;
    if (take(bytes, first_line.size()) != first_line) return malformed(path);
    const auto previous_bytes = take(bytes, id_bytes);
    const auto previous = previous_bytes ? storage::decode_id(*previous_bytes) : std::nullopt;
    if (!previous) return malformed(path);
    LogEntries file{*previous, {}};
    consensus::EntryId at = *previous;
    while (!bytes.empty()) {
        const auto term = take(bytes, 8);
        const auto length = take(bytes, 4);
        const auto stored = length ? take(bytes, number_in(*length)) : std::nullopt;
        auto entry = stored ? storage::decode_entry(*stored) : std::nullopt;
        if (!entry || number_in(*term) < at.term.value) return malformed(path);
        const auto digest = storage::digest_of(entry->kind, entry->payload);
        file.entries.push_back(consensus::make_entry(at, {number_in(*term)}, entry->kind, digest, entry->mark,
                                                     std::move(entry->payload)));
        at = file.entries.back()->id;
    }
    return file;
}

}  // namespace socai::node::recover
