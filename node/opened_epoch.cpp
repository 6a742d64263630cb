#include "node/opened_epoch.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ledger/epochs.hpp"
#include "ledger/hash.hpp"
#include "ledger/statement.hpp"
#include "ledger/syntax.hpp"
#include "node/files.hpp"

namespace socai::node {

std::string OpenedEpoch::hash() const {
    return ledger::to_hex(ledger::sha256(entry));
}

bool OpenedEpoch::names(std::string_view node) const {
    return std::ranges::find(leaf.plan.nodes, node, &ledger::GenesisNode::name) != leaf.plan.nodes.end();
}

Result<OpenedEpoch> parse_opened_epoch(const std::string& file, std::string entry,
                                       const ledger::Genesis& genesis) {
    auto leaf = ledger::parse_recovery_entry(entry);
    if (!leaf) return Error{Exit::usage, leaf.error().reason, file + ": " + leaf.error().detail};
    if (ledger::epoch_number(genesis.origin, leaf->plan.origin) == 0)
        return Error{Exit::usage, "wrong_audience",
                     file + " recovers the ledger " + ledger::quote(leaf->plan.previous_origin) +
                         ", the genesis is of " + ledger::quote(genesis.origin) +
                         ": take the file of this ledger"};
    return OpenedEpoch{std::move(entry), *std::move(leaf)};
}

Result<std::optional<OpenedEpoch>> read_opened_epoch(const std::string& data,
                                                     const ledger::Genesis& genesis) {
    const std::string path = data + "/" + std::string(opened_epoch_file);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::optional<OpenedEpoch>();
    auto bytes = read_file(path, ledger::max_entry_bytes);
    if (!bytes) return bytes.error();
    auto opened = parse_opened_epoch(path, *std::move(bytes), genesis);
    if (opened) return std::optional(*std::move(opened));
    return Error{Exit::no, "damaged_recovery",
                 opened.error().detail +
                     ". The file is not what `socai recover open` wrote: delete it and give that "
                     "command again with the recovery that the agencies agreed on"};
}

}  // namespace socai::node
