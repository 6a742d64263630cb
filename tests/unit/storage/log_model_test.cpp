// A log store against a plain vector: random appends, truncations, hard states, restarts and kills.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support.hpp"

namespace socai::storage {
namespace {

struct Step {
    enum Kind : std::uint8_t { append, truncate_and_append, vote, commit, restart, kill } kind;
    std::uint8_t amount;
    std::uint8_t where;
};

struct Model {
    std::vector<consensus::EntryPtr> entries;
    consensus::HardState hard;

    consensus::EntryId last() const { return entries.empty() ? consensus::EntryId{} : entries.back()->id; }
    std::vector<consensus::TermRun> runs() const {
        std::vector<consensus::TermRun> runs;
        for (const auto& entry : entries) {
            if (runs.empty() || runs.back().term != entry->id.term)
                runs.push_back({entry->id.term, entry->id.index});
        }
        return runs;
    }
};

consensus::StorageJob job_of(const Step& step, Model& model) {
    consensus::StorageJob job;
    if (step.kind == Step::vote) {
        model.hard.term.value += 1;
        model.hard.vote = {step.where % 5U};
        job.hard = model.hard;
        return job;
    }
    if (step.kind == Step::truncate_and_append && !model.entries.empty()) {
        const std::size_t keep = step.where % model.entries.size();
        model.entries.resize(keep);
        job.truncate_from = consensus::Index{keep + 1};
        model.hard.term.value += 1;
        model.hard.vote = {};
        job.hard = model.hard;
    }
    const std::uint64_t term = std::max<std::uint64_t>(1, model.hard.term.value);
    if (model.hard.term.value == 0) {
        model.hard.term = {1};
        job.hard = model.hard;
    }
    job.append = test::next_entries(model.last(), term, step.amount % 6, step.where);
    model.entries.insert(model.entries.end(), job.append.begin(), job.append.end());
    return job;
}

void check(const LogStore& log, const Model& model) {
    const auto entries = log.read({1}, {model.entries.size() + 3}, ~std::size_t{0});
    RC_ASSERT(entries.has_value());
    RC_ASSERT(entries->size() == model.entries.size());
    for (std::size_t i = 0; i < entries->size(); ++i) {
        RC_ASSERT(test::same_entry(*(*entries)[i], *model.entries[i]));
        RC_ASSERT(*log.id_at({i + 1}) == model.entries[i]->id);
    }
}

Step::Kind kind_of(std::uint8_t byte) {
    switch (byte % 16) {
        case 0:
            return Step::restart;
        case 1:
            return Step::kill;
        case 2:
        case 3:
            return Step::vote;
        case 4:
            return Step::commit;
        case 5:
        case 6:
        case 7:
            return Step::truncate_and_append;
        default:
            return Step::append;
    }
}

RC_GTEST_PROP(LogModel, ARestartEqualsTheVector, ()) {
    const auto bytes = *rc::gen::container<std::vector<std::array<std::uint8_t, 3>>>(
        rc::gen::arbitrary<std::array<std::uint8_t, 3>>());
    test::TempFolder folder;
    const std::string live = folder / "live";
    auto opened = LogStore::open(live, test::identity());
    RC_ASSERT(opened.has_value());
    std::unique_ptr<LogStore> log = *std::move(opened);
    Model model;
    std::vector<consensus::StorageJob> group;
    const auto write_group = [&] {
        RC_ASSERT(log->write(group).has_value());
        group.clear();
    };
    for (const auto& [kind, amount, where] : bytes) {
        const Step step{kind_of(kind), amount, where};
        if (step.kind == Step::commit) {
            log->note_commit(model.last().index);
            if (amount % 2 == 0) RC_ASSERT(log->flush_side_file().has_value());
        } else if (step.kind == Step::restart || step.kind == Step::kill) {
            write_group();
            if (step.kind == Step::kill) {  // the folder as a killed process leaves it
                test::copy_folder(live, folder / "killed");
                log.reset();
                test::copy_folder(folder / "killed", live);
            }
            log.reset();
            auto again = LogStore::open(live, test::identity());
            RC_ASSERT(again.has_value());
            log = *std::move(again);
            RC_ASSERT(log->start().hard == model.hard);
            RC_ASSERT(log->start().log.last == model.last());
            RC_ASSERT(log->start().log.runs == model.runs());
            RC_ASSERT(!log->start().torn_tail_cut);
            RC_ASSERT(log->start().commit <= model.last().index);
            check(*log, model);
        } else {
            group.push_back(job_of(step, model));
            if (group.size() > where % 4U) write_group();
        }
    }
    write_group();
    check(*log, model);
}

}  // namespace
}  // namespace socai::storage
