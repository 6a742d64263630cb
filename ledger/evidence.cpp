// The file of a piece of evidence: JSON, members in the order that to_json writes, any order read.
#include "ledger/evidence.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <initializer_list>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

// In the order of Evidence::what.
constexpr std::array<std::string_view, 5> kinds = {"fork", "double_vote", "contradicting_appends",
                                                   "forged_append", "broken_promise"};
constexpr std::array<std::string_view, 3> entry_kinds = {"noop", "configuration", "leaf"};

Error malformed(std::string detail) {
    return invalid("malformed_evidence", std::move(detail));
}

json::value text_of(const std::optional<Hash>& hash) {
    return hash ? json::value(to_hex(*hash)) : json::value(nullptr);
}

json::object object_of(const ProvenEntry& proven) {
    return {{"entry", proven.entry}, {"proof", proven.proof.to_string()}};
}

json::object object_of(const SignedAppend& append) {
    json::array entries;
    for (const LogEntry& entry : append.entries) {
        entries.emplace_back(
            json::object{{"term", std::to_string(entry.term)},
                         {"kind", entry_kinds[static_cast<std::size_t>(entry.kind)]},
                         {"digest", to_hex(entry.digest)},
                         {"mark", text_of(entry.mark)},
                         {"payload", entry.payload ? json::value(base64(*entry.payload)) : nullptr}});
    }
    return {{"header", append.header.to_string()}, {"entries", std::move(entries)}};
}

struct Writer {
    json::object& object;
    void operator()(const Fork& fork) const {
        json::array path;
        for (const Hash& hash : fork.path) path.emplace_back(to_hex(hash));
        object["first"] = fork.first.note.to_string();
        object["second"] = fork.second.note.to_string();
        object["path"] = std::move(path);
    }
    void operator()(const DoubleVote& votes) const {
        object["first"] = votes.first.to_string();
        object["second"] = votes.second.to_string();
    }
    void operator()(const ContradictingAppends& appends) const {
        object["first"] = object_of(appends.first);
        object["second"] = object_of(appends.second);
    }
    void operator()(const ForgedAppend& forged) const { object["append"] = object_of(forged.append); }
    void operator()(const BrokenPromise& broken) const {
        object["promise"] = broken.promise.to_string();
        object["head"] = broken.head.note.to_string();
    }
};

// Reads the members of one object; the first fault is kept, and everything after it reads as empty.
class Reader {
  public:
    Reader(const json::value& value, std::string place)
        : object_(value.if_object()), place_(std::move(place)) {
        if (object_ == nullptr) fail("must be an object");
    }

    const std::optional<Error>& fault() const { return fault_; }
    void adopt(const Error& error) {
        if (!fault_) fault_ = error;
    }
    void fail(const std::string& what) { adopt(malformed(place_ + " " + what)); }
    bool has(std::string_view name) const { return object_ != nullptr && object_->contains(name); }
    void only(std::initializer_list<std::string_view> names) {
        if (object_ == nullptr) return;
        for (const json::key_value_pair& member : *object_) {
            if (std::ranges::find(names, std::string_view(member.key())) == names.end())
                return fail("has the unknown member " + quote(member.key()));
        }
    }

    const json::value& value(std::string_view name) {
        static const json::value nothing;
        const json::value* found = object_ == nullptr ? nullptr : object_->if_contains(name);
        if (found == nullptr) fail("lacks the member " + quote(name));
        return found == nullptr ? nothing : *found;
    }
    std::string_view text(std::string_view name) {
        const json::value& found = value(name);
        if (const json::string* text = found.if_string()) return *text;
        fail("has a member " + quote(name) + " that is no string");
        return {};
    }
    const json::array& list(std::string_view name, std::size_t most) {
        static const json::array none;
        const json::array* found = value(name).if_array();
        if (found == nullptr || found->size() > most) {
            fail("has a member " + quote(name) + " that is no array of at most " + std::to_string(most));
            return none;
        }
        return *found;
    }
    Hash hash(std::string_view name) {
        if (const auto hash = hash_from_hex(text(name))) return *hash;
        fail("has a member " + quote(name) + " that is not 64 lower-case hexadecimal digits");
        return {};
    }
    Note note(std::string_view name) {
        auto parsed = parse_note(text(name));
        if (parsed) return *std::move(parsed);
        adopt(parsed.error());
        return {};
    }
    Head head(std::string_view name) {
        auto parsed = parse_head(text(name));
        if (parsed) return *std::move(parsed);
        adopt(parsed.error());
        return {};
    }

  private:
    const json::object* object_;
    std::string place_;
    std::optional<Error> fault_;
};

// A decimal without sign and leading zeros: terms are 64-bit, more than a JSON number may hold.
std::optional<std::uint64_t> decimal(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return std::to_string(number) == text ? std::optional(number) : std::nullopt;
}

Result<LogEntry> parse_log_entry(const json::value& value) {
    Reader reader(value, "an entry of an append");
    reader.only({"term", "kind", "digest", "mark", "payload"});
    LogEntry entry;
    if (const auto term = decimal(reader.text("term")))
        entry.term = *term;
    else
        reader.fail("has a term that is no decimal");
    const auto kind = std::ranges::find(entry_kinds, reader.text("kind"));
    if (kind != entry_kinds.end())
        entry.kind = static_cast<LogEntryKind>(kind - entry_kinds.begin());
    else
        reader.fail("has a kind that is none of noop, configuration, leaf");
    entry.digest = reader.hash("digest");
    if (!reader.value("mark").is_null()) entry.mark = reader.hash("mark");
    if (!reader.value("payload").is_null()) {
        entry.payload = base64_decode(reader.text("payload"));
        if (!entry.payload) reader.fail("has a payload that is not strict base64");
    }
    if (reader.fault()) return *reader.fault();
    return entry;
}

Result<SignedAppend> parse_append(const json::value& value, const std::string& place) {
    Reader reader(value, place);
    reader.only({"header", "entries"});
    SignedAppend append;
    append.header = reader.note("header");
    for (const json::value& element : reader.list("entries", max_evidence_entries)) {
        auto entry = parse_log_entry(element);
        if (!entry) return entry.error();
        append.entries.push_back(*std::move(entry));
    }
    if (reader.fault()) return *reader.fault();
    return append;
}

Result<ProvenEntry> parse_proven(const json::value& value, const std::string& place) {
    Reader reader(value, place);
    reader.only({"entry", "proof"});
    ProvenEntry proven;
    proven.entry = reader.text("entry");
    if (proven.entry.size() > max_entry_bytes) reader.fail("holds more bytes than an entry may have");
    if (!reader.fault()) {
        auto proof = parse_tlog_proof(reader.text("proof"));
        if (proof)
            proven.proof = *std::move(proof);
        else
            reader.adopt(proof.error());
    }
    if (reader.fault()) return *reader.fault();
    return proven;
}

Fork parse_fork(Reader& reader) {
    reader.only({"evidence", "first", "second", "path", "policies"});
    Fork fork{reader.head("first"), reader.head("second"), {}};
    for (const json::value& element : reader.list("path", max_fork_path)) {
        const json::string* text = element.if_string();
        const auto hash = text == nullptr ? std::nullopt : hash_from_hex(std::string_view(*text));
        if (!hash) reader.fail("has a path with an element that is not 64 lower-case hexadecimal digits");
        fork.path.push_back(hash.value_or(Hash{}));
    }
    return fork;
}

SignedAppend parse_append_of(Reader& reader, std::string_view name) {
    auto append = parse_append(reader.value(name), "the member " + quote(name));
    if (append) return *std::move(append);
    reader.adopt(append.error());
    return {};
}

}  // namespace

std::string_view kind_name(const Evidence& evidence) {
    return kinds[evidence.what.index()];
}

std::string Evidence::to_json() const {
    json::object object{{"evidence", kind_name(*this)}};
    std::visit(Writer{object}, what);
    if (introduction) object["introduction"] = object_of(*introduction);
    json::array links;
    for (const ProvenEntry& link : policies) links.emplace_back(object_of(link));
    object["policies"] = std::move(links);
    return json::serialize(object) + "\n";
}

Result<Evidence> parse_evidence(std::string_view text) {
    if (text.size() > max_evidence_bytes)
        return malformed("the file has " + std::to_string(text.size()) + " bytes, more than " +
                         std::to_string(max_evidence_bytes));
    const auto parsed = parse_ijson(text);
    if (!parsed) return malformed("the file is no JSON of ours: " + parsed.error().detail);
    Reader reader(*parsed, "the evidence");
    const auto kind = std::ranges::find(kinds, reader.text("evidence"));
    if (!reader.fault() && kind == kinds.end())
        reader.fail("is of a kind that this program does not know: " + quote(reader.text("evidence")));
    if (reader.fault()) return *reader.fault();

    Evidence evidence;
    switch (kind - kinds.begin()) {
        case 0:
            evidence.what = parse_fork(reader);
            break;
        case 1:
            reader.only({"evidence", "first", "second", "introduction", "policies"});
            evidence.what = DoubleVote{reader.note("first"), reader.note("second")};
            break;
        case 2:
            reader.only({"evidence", "first", "second", "introduction", "policies"});
            evidence.what =
                ContradictingAppends{parse_append_of(reader, "first"), parse_append_of(reader, "second")};
            break;
        case 3:
            reader.only({"evidence", "append", "introduction", "policies"});
            evidence.what = ForgedAppend{parse_append_of(reader, "append")};
            break;
        default:
            reader.only({"evidence", "promise", "head", "introduction", "policies"});
            evidence.what = BrokenPromise{reader.note("promise"), reader.head("head")};
    }
    if (!std::holds_alternative<Fork>(evidence.what)) {
        auto introduction = parse_proven(reader.value("introduction"), "the introduction");
        if (!introduction) return introduction.error();
        evidence.introduction = *std::move(introduction);
    }
    for (const json::value& element : reader.list("policies", max_policy_links)) {
        auto link = parse_proven(element, "a link of the policies");
        if (!link) return link.error();
        evidence.policies.push_back(*std::move(link));
    }
    if (reader.fault()) return *reader.fault();
    return evidence;
}

}  // namespace socai::ledger
