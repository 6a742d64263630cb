#include "node/client/submit_journal.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "node/client/text_file.hpp"

namespace socai::node::client {
namespace {

constexpr std::string_view format = "socai-submit 1 ";
constexpr std::size_t line_bytes = 2 * sizeof(ledger::Hash) + 1;  // hex and the line's end

}  // namespace

Result<SubmitJournal> SubmitJournal::open(const std::string& path, const ledger::Hash& ledger) {
    SubmitJournal journal(path);
    const std::string header = std::string(format) + ledger::to_hex(ledger) + "\n";
    std::size_t good = 0;  // bytes of the file that are kept
    std::error_code failure;
    if (std::filesystem::exists(path, failure)) {
        const auto text = read_text_file(path);
        if (!text) return text.error();
        const bool begun = format.starts_with(std::string_view(*text).substr(0, format.size()));
        if (!begun)
            return Error{Exit::usage, "not_a_journal",
                         path +
                             " is no journal of 'socai submit' and is left alone; name another place with "
                             "--state F"};
        if (text->starts_with(header)) {
            good = header.size();
            while (good + line_bytes <= text->size()) {
                const auto hash = ledger::hash_from_hex(std::string_view(*text).substr(good, line_bytes - 1));
                if (!hash || (*text)[good + line_bytes - 1] != '\n') break;
                journal.acknowledged_.insert(*hash);
                good += line_bytes;
            }
        }
        std::filesystem::resize_file(path, good, failure);
    }
    if (!failure) journal.file_.open(path, std::ios::app | std::ios::binary);
    if (failure || !journal.file_)
        return Error{Exit::unreachable, "file_unwritable",
                     "cannot write the journal " + path + ": " +
                         (failure ? failure.message() : std::string(std::strerror(errno))) +
                         "; name another place with --state F"};
    if (good == 0) journal.file_ << header;
    return journal;
}

void SubmitJournal::add(const ledger::Hash& statement) {
    if (!acknowledged_.insert(statement).second) return;
    file_ << ledger::to_hex(statement) << '\n';
}

bool SubmitJournal::flush() {
    return static_cast<bool>(file_.flush());
}

void SubmitJournal::remove() {
    file_.close();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace socai::node::client
