#include "tests/simulation/options.hpp"

#include <charconv>

namespace socai::simulation {
namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "loss=off": a fault that is on or off in every seed instead of drawn. "all" and "none" stand for all of them.
std::optional<std::string> choose(std::string_view text, FaultChoice& choice) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const std::string_view how = equals == std::string_view::npos ? "" : text.substr(equals + 1);
    if (how != "on" && how != "off")
        return "--fault wants NAME=on or NAME=off, not \"" + std::string(text) + "\"";
    FaultSet which;
    if (name == "all") {
        which.set();
    } else if (const auto fault = fault_named(name)) {
        which.set(static_cast<std::size_t>(*fault));
    } else {
        return "no fault is named \"" + std::string(name) + "\"; --help lists them";
    }
    // The last word on a fault counts: --fault all=off --fault crash=on.
    choice.forced_on &= ~which;
    choice.forced_off &= ~which;
    (how == "on" ? choice.forced_on : choice.forced_off) |= which;
    return std::nullopt;
}

}  // namespace

Parsed parse_command_line(std::span<const std::string_view> arguments) {
    Parsed parsed;
    CommandLine& line = parsed.line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word == "--trace") {
            line.trace = true;
        } else if (word == "--json") {
            line.json = true;
        } else if (word == "--keep-going") {
            line.keep_going = true;
        } else if (word == "--help" || word == "-h") {
            line.help = true;
        } else if (word == "--sabotage") {
            const auto named = i + 1 < arguments.size() ? sabotage_named(arguments[i + 1]) : std::nullopt;
            if (!named) {
                parsed.error = "--sabotage wants the name of a planted defect; --help lists them";
                return parsed;
            }
            line.sabotage = *named;
            ++i;
        } else if (word == "--fault") {
            if (i + 1 == arguments.size()) {
                parsed.error = "--fault wants NAME=on or NAME=off";
                return parsed;
            }
            if ((parsed.error = choose(arguments[++i], line.faults))) return parsed;
        } else {
            std::uint64_t* target = word == "--seed"      ? &line.seed
                                    : word == "--seeds"   ? &line.seeds
                                    : word == "--seconds" ? &line.seconds
                                    : word == "--jobs"    ? &line.jobs
                                                          : nullptr;
            if (target == nullptr) {
                parsed.error = "\"" + std::string(word) + "\" is not an option; --help lists them";
                return parsed;
            }
            const auto value = i + 1 < arguments.size() ? number_in(arguments[i + 1]) : std::nullopt;
            if (!value) {
                parsed.error = std::string(word) + " wants a number";
                return parsed;
            }
            *target = *value;
            ++i;
        }
    }
    if (line.seeds == 0 || line.seconds == 0 || line.seconds > 100'000 || line.jobs == 0 || line.jobs > 64) {
        parsed.error = "--seeds, --seconds (to 100000) and --jobs (to 64) are at least 1";
    }
    if (line.trace && line.seeds > 1) parsed.error = "--trace is for one seed";
    return parsed;
}

std::string help_text() {
    std::string text =
        "usage: socai_sim [--seed N] [--seeds COUNT] [OPTION...]\n"
        "Whole nodes (the shipped Raft core, admission and inspection) in virtual time, under faults that "
        "the seed\n"
        "draws. Each run has two phases: under faults every rule is checked after every step; then all is "
        "healed and\n"
        "the cluster must converge. The same seed gives the same run, byte for byte; its digest is printed.\n"
        "\n"
        "  --seed N          the first seed (1)\n"
        "  --seeds COUNT     so many seeds, counted up (1)\n"
        "  --seconds S       virtual length of the first phase (60)\n"
        "  --jobs N          threads; each runs whole seeds (1)\n"
        "  --fault NAME=on   this fault in every seed; =off: in none; else the seed decides. NAME may be "
        "all.\n"
        "                    The last word on a fault counts: --fault all=off --fault crash=on\n"
        "  --sabotage NAME   plants a defect, to see that the checks find it\n"
        "  --trace           one line an event: virtual time, node, what (one seed only)\n"
        "  --keep-going      go on after a failing seed\n"
        "  --json            the summary as one JSON object: seeds, faults injected by kind, commits, "
        "checks, speed\n"
        "\n"
        "examples: socai_sim --seeds 1000          a thousand seeds\n"
        "          socai_sim --seed 4711 --trace   what happened in this one\n"
        "\n"
        "faults:\n";
    for (std::size_t i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        std::string name(name_of(fault));
        name.resize(18, ' ');
        text += "  " + name + std::string(meaning_of(fault)) + "\n";
    }
    text += "\nplanted defects:";
    for (std::uint8_t i = 1; i < sabotage_count; ++i)
        text += " " + std::string(name_of(static_cast<Sabotage>(i)));
    return text + "\n\nExit status: 0 no failure, 1 a seed failed (its command is printed), 2 wrong use.\n";
}

std::string command_for(const CommandLine& line, std::uint64_t seed) {
    std::string command = "socai_sim --seed " + std::to_string(seed);
    if (line.seconds != CommandLine{}.seconds) command += " --seconds " + std::to_string(line.seconds);
    for (std::size_t i = 0; i < fault_count; ++i) {
        const std::string name(name_of(static_cast<Fault>(i)));
        if (line.faults.forced_on[i]) command += " --fault " + name + "=on";
        if (line.faults.forced_off[i]) command += " --fault " + name + "=off";
    }
    if (line.sabotage != Sabotage::none) command += " --sabotage " + std::string(name_of(line.sabotage));
    return command + " --trace";
}

}  // namespace socai::simulation
