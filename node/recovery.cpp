#include "node/recovery.hpp"

#include <spdlog/spdlog.h>

namespace socai::node {

Recovery::Recovery(const storage::LogStore& log, Verifier& pool, Hooks hooks)
    : log_(log), pool_(pool), hooks_(std::move(hooks)) {}

void Recovery::report(const storage::LogStart& start, const std::vector<consensus::DamagedEntry>& damaged) {
    if (start.damage) {
        spdlog::warn("{}", start.damage->sentence);
        if (!start.damage->moved_to.empty())
            spdlog::warn("The damaged database is kept as evidence in {}", start.damage->moved_to);
    }
    if (consensus::is_behind(start.log.last, start.log.promised)) {
        spdlog::warn(
            "The log ends at entry {}, but this node acknowledged entries up to {}: they come back from the "
            "other "
            "nodes, and until then it does not lead",
            start.log.last.index.value, start.log.promised.index.value);
    }
    found(start.log.damaged);
    found(damaged);
}

// One line for each stretch of entries.
void Recovery::found(const std::vector<consensus::DamagedEntry>& damaged) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < damaged.size();) {
        std::size_t end = i;
        std::size_t fresh = 0;
        do {
            if (damaged_.insert(damaged[end].id.index).second) ++fresh;
            ++end;
        } while (end < damaged.size() && damaged[end].id.index == damaged[end - 1].id.index + 1);
        figures_.found += fresh;
        if (fresh > 0) {
            spdlog::warn(
                "Entries {} to {} of the log have lost their content on this disk; they are fetched from "
                "the other nodes",
                damaged[i].id.index.value, damaged[end - 1].id.index.value);
        }
        i = end;
    }
}

void Recovery::suspect(consensus::Index first, consensus::Index last) {
    {
        const std::lock_guard lock(mutex_);
        if (!suspected_.insert(first).second) return;
    }
    pool_.run([this, first, last] {
        const auto damaged = log_.damage_in(first, last);
        {
            const std::lock_guard lock(mutex_);
            suspected_.erase(first);
        }
        if (!damaged) return hooks_.fatal(damaged.error().reason, damaged.error().detail);
        if (damaged->empty()) return;
        found(*damaged);
        hooks_.post(consensus::Damaged{*damaged});
    });
}

void Recovery::lost(std::vector<consensus::DamagedEntry> damaged) {
    found(damaged);
    hooks_.post(consensus::Damaged{std::move(damaged)});
}

void Recovery::asked(consensus::NodeId to, const consensus::FetchRequest& request) {
    if (request.ids.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (damaged_.size() == asked_for_) return;  // repeated until somebody has it
        asked_for_ = damaged_.size();
    }
    spdlog::warn("Fetching {} damaged entries, from {} on, from {}", request.ids.size(),
                 request.ids.front().index.value, hooks_.name(to));
}

void Recovery::serve(consensus::ServeFetch serve) {
    pool_.run([this, serve = std::move(serve)] {
        auto entries = log_.find(serve.ids, serve.max_bytes);
        if (!entries) {
            spdlog::warn("Content that {} lost cannot be read here: {}", hooks_.name(serve.to),
                         entries.error().detail);
            return;
        }
        if (entries->empty()) return;
        {
            const std::lock_guard lock(mutex_);
            figures_.served += entries->size();
        }
        hooks_.send(serve.to, consensus::FetchReply{.term = {}, .entries = std::move(*entries)});
    });
}

void Recovery::repair(storage::LogWriter& writer, std::vector<consensus::EntryPtr> entries) {
    writer.repair(std::move(entries), [this](std::vector<consensus::Index> indices) {
        if (indices.empty()) return;
        std::size_t whole = 0;
        std::size_t left = 0;
        {
            const std::lock_guard lock(mutex_);
            for (const consensus::Index index : indices) whole += damaged_.erase(index);
            figures_.repaired += whole;
            left = damaged_.size();
        }
        if (whole > 0)  // else content that came twice
            spdlog::warn("Repaired {} entries from {} on; {} are still damaged", whole, indices.front().value,
                         left);
        hooks_.repaired(indices);
        hooks_.post(consensus::Repaired{std::move(indices)});
    });
}

Recovery::Figures Recovery::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

}  // namespace socai::node
