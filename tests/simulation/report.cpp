#include "tests/simulation/report.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace socai::simulation {
namespace {

using Row = std::pair<const char*, std::uint64_t>;

std::vector<Row> rows_of(const Counts& counts) {
    return {{"events", counts.events},
            {"core_steps", counts.steps},
            {"messages", counts.messages},
            {"elections", counts.elections},
            {"commits", counts.commits},
            {"leaves", counts.leaves},
            {"commits_checked", counts.commit_checks},
            {"other_checks", counts.checks},
            {"appends_acknowledged", counts.acknowledged},
            {"appends_refused", counts.refused},
            {"appends_unknown", counts.unknown},
            {"reads", counts.reads},
            {"membership_changes", counts.changes},
            {"bases_installed", counts.bases},
            {"entries_repaired", counts.repairs},
            {"nodes_switched_off", counts.switched_off},
            {"accusations", counts.accusations},
            {"batches_refused", counts.refusals},
            {"splits_by_liars_detected", counts.splits}};
}

double per_second(double count, double seconds) {
    return seconds > 0 ? count / seconds : 0;
}

std::string fixed(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

}  // namespace

std::string hex(std::uint64_t digest) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
    return text.data();
}

void Summary::add(const RunResult& result) {
    ++runs;
    failed += result.failure.has_value();
    digest = (digest ^ result.digest) * 0x9e3779b97f4a7c15u;
    virtual_time += result.time;
    counts += result.counts;
}

std::string as_text(const CommandLine& line, const Summary& summary) {
    const double seconds = static_cast<double>(summary.virtual_time) / 1e6;
    std::string text =
        std::to_string(summary.runs) + " seeds from " + std::to_string(line.seed) + ", " +
        std::to_string(summary.failed) + " failed; digest " + hex(summary.digest) + "\n" + fixed(seconds) +
        " virtual seconds in " + fixed(summary.wall_seconds) + " s, " + fixed(summary.processor_seconds) +
        " s of processor: " + fixed(per_second(seconds, summary.processor_seconds)) +
        " times real time a core, " +
        fixed(per_second(static_cast<double>(summary.counts.commit_checks), summary.processor_seconds)) +
        " commits checked a second\n";
    for (const auto& [name, count] : rows_of(summary.counts)) {
        text += "  " + std::to_string(count) + " " + name + "\n";
    }
    text += "faults:";
    for (std::size_t i = 0; i < fault_count; ++i) {
        if (summary.counts.faults[i] == 0) continue;
        text += " " + std::string(name_of(static_cast<Fault>(i))) + " " +
                std::to_string(summary.counts.faults[i]);
    }
    return text + "\n";
}

std::string as_json(const CommandLine& line, const Summary& summary) {
    const double seconds = static_cast<double>(summary.virtual_time) / 1e6;
    std::string text =
        "{\"first_seed\":" + std::to_string(line.seed) + ",\"seeds\":" + std::to_string(summary.runs) +
        ",\"failed\":" + std::to_string(summary.failed) + ",\"digest\":\"" + hex(summary.digest) +
        "\",\"virtual_seconds\":" + fixed(seconds) + ",\"wall_seconds\":" + fixed(summary.wall_seconds) +
        ",\"processor_seconds\":" + fixed(summary.processor_seconds) +
        ",\"times_real_time_a_core\":" + fixed(per_second(seconds, summary.processor_seconds)) +
        ",\"commits_checked_a_core_second\":" +
        fixed(per_second(static_cast<double>(summary.counts.commit_checks), summary.processor_seconds));
    for (const auto& [name, count] : rows_of(summary.counts)) {
        text += ",\"" + std::string(name) + "\":" + std::to_string(count);
    }
    text += ",\"faults\":{";
    for (std::size_t i = 0; i < fault_count; ++i) {
        text += (i == 0 ? "\"" : ",\"") + std::string(name_of(static_cast<Fault>(i))) +
                "\":" + std::to_string(summary.counts.faults[i]);
    }
    return text + "}}\n";
}

}  // namespace socai::simulation
