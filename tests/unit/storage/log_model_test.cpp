// A log store against a plain vector: random appends, truncations, hard states, new bases, prunings, restarts,
// kills, and losses of RocksDB's write-ahead log.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "storage/recovery.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

struct Step {
    enum Kind : std::uint8_t {
        append,
        truncate_and_append,
        vote,
        commit,
        install,
        prune,
        restart,
        kill,
        lose,
    } kind;
    std::uint8_t amount;
    std::uint8_t where;
};

struct Model {
    consensus::EntryId base;
    std::vector<consensus::EntryPtr> entries;
    std::optional<consensus::ConfigurationEntry> configuration;  // of the base
    consensus::HardState hard;
    consensus::Index committed;
    consensus::EntryId promised;

    consensus::EntryId last() const { return entries.empty() ? base : entries.back()->id; }
    std::vector<consensus::TermRun> runs() const {
        std::vector<consensus::TermRun> runs;
        for (const auto& entry : entries) {
            if (runs.empty() || runs.back().term != entry->id.term)
                runs.push_back({entry->id.term, entry->id.index});
        }
        return runs;
    }
};

class Run {
  public:
    Run() { reopen(); }

    void take(const Step& step) {
        switch (step.kind) {
            case Step::commit:
                flush_group();
                model_.committed = std::max(model_.committed, model_.last().index);
                log_->note_commit(model_.committed);
                if (step.amount % 2 == 0) RC_ASSERT(log_->flush_side_file().has_value());
                return;
            case Step::prune:
                flush_group();
                return prune(step);
            case Step::lose:
                flush_group();
                return lose(step);
            case Step::restart:
            case Step::kill:
                flush_group();
                if (step.kind == Step::kill) leave_as_killed();
                reopen();
                return expect_start();
            default:
                group_.push_back(job_of(step));
                if (group_.size() > step.where % 4U) flush_group();
        }
    }
    void finish() {
        flush_group();
        check();
    }

  private:
    consensus::StorageJob job_of(const Step& step) {
        consensus::StorageJob job;
        if (step.kind == Step::vote) {
            model_.hard.term.value += 1;
            model_.hard.vote = {step.where % 5U};
            job.hard = model_.hard;
            return job;
        }
        if (step.kind == Step::install) {
            model_.hard.term.value += 1;
            model_.hard.vote = {};
            model_.base = {model_.hard.term, model_.last().index + 1 + step.where, {step.amount}};
            model_.entries.clear();
            model_.committed = model_.base.index;
            model_.configuration =
                consensus::ConfigurationEntry{model_.base, {{{step.where + 1U}}, {}, {}}, "note"};
            model_.hard.configuration = model_.base;
            job.hard = model_.hard;
            job.install = consensus::StorageJob::Base{model_.base, *model_.configuration};
        }
        const std::size_t fixed = fixed_entries();
        if (step.kind == Step::truncate_and_append && model_.entries.size() > fixed) {
            const std::size_t keep = fixed + step.where % (model_.entries.size() - fixed);
            model_.entries.resize(keep);
            job.truncate_from = model_.base.index + (keep + 1);
            model_.hard.term.value += 1;
            model_.hard.vote = {};
            job.hard = model_.hard;
        }
        if (model_.hard.term.value == 0) {
            model_.hard.term = {1};
            job.hard = model_.hard;
        }
        job.append = test::next_entries(model_.last(), model_.hard.term.value, step.amount % 6, step.where);
        model_.entries.insert(model_.entries.end(), job.append.begin(), job.append.end());
        return job;
    }
    // Those that are committed.
    std::size_t fixed_entries() const {
        return std::max(model_.committed, model_.base.index).value - model_.base.index.value;
    }

    void prune(const Step& step) {
        const std::size_t fixed = fixed_entries();
        if (fixed == 0) return;
        const std::size_t goes = 1 + step.where % fixed;
        model_.base = model_.entries[goes - 1]->id;
        model_.entries.erase(model_.entries.begin(),
                             model_.entries.begin() + static_cast<std::ptrdiff_t>(goes));
        RC_ASSERT(log_->prune(model_.base.index).has_value());
        expect_durable();
    }

    void flush_group() {
        RC_ASSERT(log_->write(group_).has_value());
        if (!group_.empty()) expect_durable();
        group_.clear();
    }
    void expect_durable() {
        if (!is_behind(model_.last(), model_.promised)) model_.promised = {};
    }

    void leave_as_killed() {
        test::copy_folder(live(), folder_ / "killed");
        log_.reset();
        test::copy_folder(folder_ / "killed", live());
    }
    // RocksDB's write-ahead log is gone; some of what it held comes back from elsewhere.
    void lose(const Step& step) {
        RC_ASSERT(log_->flush_side_file().has_value());
        leave_as_killed();
        for (const std::string& file : test::files_like(live() + "/log", "", ".log"))
            std::filesystem::remove(file);
        reopen();
        const consensus::LogSummary& found = log_->start().log;
        const bool new_base = found.base != model_.base;
        if (new_base || found.last != model_.last()) {
            // What is left is the log of an earlier moment: the next leader's entries replace it.
            RC_ASSERT(log_->start().damage.has_value());
            RC_ASSERT(log_->start().commit <= model_.committed);
            // Where only the base went back, every entry is there still and nothing is owed.
            const consensus::EntryId held = std::max(model_.promised, model_.last(), consensus::is_behind);
            model_.promised = is_behind(found.last, held) ? held : consensus::EntryId{};
            RC_ASSERT(found.promised == model_.promised);
            RC_ASSERT(log_->start().hard.term == model_.hard.term);
            RC_ASSERT(log_->start().hard.vote == model_.hard.vote);
            consensus::StorageJob job;
            job.hard = model_.hard;  // the configuration may have been lost with its base
            if (new_base) {
                RC_PRE(model_.configuration.has_value());
                job.install = consensus::StorageJob::Base{model_.base, *model_.configuration};
            } else {
                job.truncate_from = found.base.index + 1;
            }
            const std::size_t back = model_.entries.empty() ? 0 : step.amount % (model_.entries.size() + 1);
            model_.entries.resize(std::max(back, fixed_entries()));
            job.append = model_.entries;
            RC_ASSERT(log_->write({&job, 1}).has_value());
            expect_durable();
            log_->note_commit(model_.committed);
        }
    }

    std::string live() const { return folder_ / "live"; }
    void reopen() {
        log_.reset();
        auto opened = LogStore::open(live(), test::identity());
        RC_ASSERT(opened.has_value());
        log_ = *std::move(opened);
    }
    void expect_start() const {
        const LogStart& start = log_->start();
        RC_ASSERT(start.hard == model_.hard);
        RC_ASSERT(start.log.base == model_.base);
        RC_ASSERT(start.log.last == model_.last());
        RC_ASSERT(start.log.runs == model_.runs());
        RC_ASSERT(start.log.promised == model_.promised);
        RC_ASSERT(start.log.damaged.empty());
        RC_ASSERT(!start.torn_tail_cut);
        RC_ASSERT(!start.damage);
        RC_ASSERT(start.commit <= std::max(model_.committed, model_.base.index));
        RC_ASSERT(start.configurations.size() == (model_.configuration ? 1U : 0U));
        if (model_.configuration) RC_ASSERT(start.configurations[0] == *model_.configuration);
        check();
    }
    void check() const {
        const consensus::Index first = model_.base.index + 1;
        const auto entries = log_->read(first, first + (model_.entries.size() + 3), ~std::size_t{0});
        RC_ASSERT(entries.has_value());
        RC_ASSERT(entries->size() == model_.entries.size());
        for (std::size_t i = 0; i < entries->size(); ++i) {
            RC_ASSERT(test::same_entry(*(*entries)[i], *model_.entries[i]));
            RC_ASSERT(*log_->id_at(first + i) == model_.entries[i]->id);
        }
        RC_ASSERT(*log_->id_at(model_.base.index) == model_.base);
        if (model_.base.index.value != 0) RC_ASSERT(!log_->id_at(model_.base.index - 1));
    }

    test::TempFolder folder_;
    std::unique_ptr<LogStore> log_;
    Model model_;
    std::vector<consensus::StorageJob> group_;
};

Step::Kind kind_of(std::uint8_t byte) {
    switch (byte % 18) {
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
        case 8:
            return Step::install;
        case 9:
            return Step::prune;
        case 10:
            return Step::lose;
        default:
            return Step::append;
    }
}

RC_GTEST_PROP(LogModel, ARestartEqualsTheVector, ()) {
    const auto bytes = *rc::gen::container<std::vector<std::array<std::uint8_t, 3>>>(
        rc::gen::arbitrary<std::array<std::uint8_t, 3>>());
    Run run;
    for (const auto& [kind, amount, where] : bytes) run.take({kind_of(kind), amount, where});
    run.finish();
}

}  // namespace
}  // namespace socai::storage
