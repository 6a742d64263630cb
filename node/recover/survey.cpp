#include "node/recover/survey.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"
#include "ledger/verifier_key.hpp"

namespace socai::node::recover {
namespace {

namespace json = boost::json;

constexpr const char* reason = "malformed_survey";
constexpr std::string_view first_line = "socai survey v1";

std::string body_of(const Survey& survey) {
    json::array runs;
    for (const consensus::TermRun& run : survey.runs)
        runs.push_back(json::array{run.term.value, run.first.value});
    json::object body;
    body["agency"] = survey.agency;
    body["time"] = survey.time;
    body["genesis"] = survey.genesis;
    body["size"] = survey.size;
    body["root"] = ledger::to_hex(survey.root);
    body["log"] = json::object{{"index", survey.last.index.value},
                               {"term", survey.last.term.value},
                               {"hash", ledger::to_hex(survey.last.hash)}};
    body["term"] = survey.term.value;
    body["runs"] = std::move(runs);
    body["final_head"] = survey.final_head ? json::value(*survey.final_head) : json::value(nullptr);
    return json::serialize(body);
}

std::string text_of(const Survey& survey) {
    return std::string(first_line) + "\n" + survey.origin + "\n" + survey.node + "\n" + body_of(survey) +
           "\n";
}

ledger::VerifierKey vkey_of(const Survey& survey, const ledger::PublicKey& key) {
    return {survey.node + "." + survey.origin, ledger::NoteKeyType::ed25519, key};
}

Error malformed(const std::string& file, const std::string& why) {
    return {Exit::usage, reason,
            file + " is no survey of a node: " + why + "; `socai recover survey` makes one"};
}

// The next line of `text`, taken off it.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

bool read_runs(const json::array& list, std::vector<consensus::TermRun>& runs) {
    for (const json::value& element : list) {
        const json::array* pair = element.if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_int64())
            return false;
        const consensus::TermRun run{{static_cast<std::uint64_t>((*pair)[0].get_int64())},
                                     {static_cast<std::uint64_t>((*pair)[1].get_int64())}};
        const bool rises = runs.empty() ? run.first.value == 1
                                        : run.term > runs.back().term && run.first > runs.back().first;
        if (!rises) return false;
        runs.push_back(run);
    }
    return !runs.empty();
}

ledger::Result<void> read_body(std::string_view text, Survey& survey) {
    const auto value = ledger::parse_ijson(text);
    if (!value) return value.error();
    ledger::JsonMembers members(
        *value, reason, "survey",
        {"agency", "time", "genesis", "size", "root", "log", "term", "runs", "final_head"});
    survey.agency = members.text("agency");
    survey.time = members.text("time");
    survey.genesis = members.text("genesis");
    survey.size = static_cast<std::uint64_t>(members.number("size", ledger::max_json_integer));
    const auto root = ledger::hash_from_hex(members.text("root"));
    survey.term.value = static_cast<std::uint64_t>(members.number("term", ledger::max_json_integer));
    const bool runs = read_runs(members.list("runs"), survey.runs);
    if (!members.is_null("final_head")) survey.final_head = members.text("final_head");
    ledger::JsonMembers log(members.any("log"), reason, "survey.log", {"index", "term", "hash"});
    survey.last.index.value = static_cast<std::uint64_t>(log.number("index", ledger::max_json_integer));
    survey.last.term.value = static_cast<std::uint64_t>(log.number("term", ledger::max_json_integer));
    const auto hash = ledger::hash_from_hex(log.text("hash"));
    if (members.fault()) return *members.fault();
    if (log.fault()) return *log.fault();
    if (!root || !hash || !runs || survey.runs.back().term != survey.last.term ||
        survey.runs.back().first > survey.last.index || survey.term < survey.last.term)
        return ledger::invalid(reason, "its hashes, its terms or its log do not fit together");
    survey.root = *root;
    survey.last.hash = *hash;
    return {};
}

// Term of the entry at `index`; 0 beyond `last`.
std::uint64_t term_at(const std::vector<consensus::TermRun>& runs, consensus::Index last,
                      consensus::Index index) {
    if (index > last || index.value == 0) return 0;
    const auto after = std::ranges::upper_bound(runs, index, {}, &consensus::TermRun::first);
    return after == runs.begin() ? 0 : std::prev(after)->term.value;
}

}  // namespace

Survey take_survey(const StoppedLedger& ledger, std::int64_t time_ms) {
    const storage::LogStart& start = ledger.start();
    Survey survey;
    survey.origin = ledger.origin();
    survey.node = ledger.config().node;
    survey.agency = ledger.self().agency;
    survey.time = ledger::format_rfc3339(time_ms);
    survey.genesis = ledger.config().genesis_hash;
    survey.size = ledger.leaves().size();
    survey.root = ledger.leaves().root();
    survey.last = start.log.last;
    survey.term = std::max(start.hard.term, start.log.last.term);
    survey.runs = start.log.runs;
    survey.final_head = ledger.final_head();
    return survey;
}

std::string sign_survey(Survey survey, const ledger::KeyPair& node_key) {
    survey.note = {text_of(survey), {}};
    ledger::sign_note(survey.note, survey.node + "." + survey.origin, node_key);
    return survey.note.to_string();
}

Result<Survey> parse_survey(const std::string& file, std::string_view text) {
    auto note = ledger::parse_note(text);
    if (!note) return malformed(file, note.error().detail);
    Survey survey;
    survey.note = *std::move(note);
    std::string_view rest = survey.note.text;
    if (take_line(rest) != first_line) return malformed(file, "it does not begin with `socai survey v1`");
    survey.origin = take_line(rest);
    survey.node = take_line(rest);
    const std::string_view body = take_line(rest);
    if (!ledger::is_origin(survey.origin) || !is_node_name(survey.node) || !rest.empty())
        return malformed(file, "its first lines name no ledger and node");
    if (const auto read = read_body(body, survey); !read) return malformed(file, read.error().detail);
    return survey;
}

bool signed_by(const Survey& survey, const ledger::PublicKey& node_key) {
    const std::array keys{vkey_of(survey, node_key)};
    return bool(ledger::verify_note(survey.note, keys));
}

consensus::Index common_end(const Survey& survey, const std::vector<consensus::TermRun>& runs,
                            consensus::Index last) {
    // Terms only change where a run begins: from the end down, run by run of either.
    consensus::Index at = std::min(survey.last.index, last);
    while (at.value > 0 && term_at(survey.runs, survey.last.index, at) != term_at(runs, last, at)) {
        consensus::Index begins{0};
        for (const auto* each : {&survey.runs, &runs})
            for (const consensus::TermRun& run : *each)
                if (run.first <= at) begins = std::max(begins, run.first);
        at = begins - 1;
    }
    return at;
}

}  // namespace socai::node::recover
