#include "node/evidence_notes.hpp"

#include <filesystem>

#include "ledger/hash.hpp"
#include "node/files.hpp"

namespace socai::node {

Result<std::string> keep_two_heads(const std::string& folder, const ledger::Head& theirs,
                                   const ledger::Head& ours) {
    constexpr std::size_t name_digits = 16;
    if (const auto made = make_folder(folder, 0700); !made) return made.error();
    const std::string bytes = theirs.note.to_string();  // of many signatures over one head the first is kept
    const std::string path = folder + "/head-" + std::to_string(theirs.checkpoint.size) + "-" +
                             ledger::to_hex(ledger::sha256(theirs.note.text)).substr(0, name_digits);
    std::error_code error;
    if (std::filesystem::exists(path + ".theirs", error)) return path + ".theirs";
    if (const auto written = write_file(path + ".ours", ours.note.to_string(), 0600); !written)
        return written.error();
    if (const auto written = write_file(path + ".theirs", bytes, 0600); !written) return written.error();
    return path + ".theirs";
}

}  // namespace socai::node
