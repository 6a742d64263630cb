#include "node/member.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "consensus/quorum.hpp"
#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"

namespace socai::node {

namespace json = boost::json;

namespace {

constexpr std::int64_t version = 2;
constexpr std::int64_t max_port = 65'535;

std::string key_text(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

// Reads members of one object; after a fault everything reads as empty.
class Reader {
  public:
    explicit Reader(const json::value& value) : object_(value.if_object()) {}

    bool good() const { return object_ != nullptr; }
    std::string text(std::string_view name, std::size_t longest) {
        const json::value* value = find(name);
        if (value == nullptr || !value->is_string() || value->get_string().size() > longest) return fail();
        return std::string(value->get_string());
    }
    std::uint64_t number(std::string_view name, std::int64_t most) {
        const json::value* value = find(name);
        const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
        if (number != nullptr && *number >= 0 && *number <= most) return static_cast<std::uint64_t>(*number);
        fail();
        return 0;
    }
    ledger::PublicKey key(std::string_view name) {
        ledger::PublicKey key{};
        const auto bytes = ledger::base64url_decode(text(name, 64));
        if (bytes && bytes->size() == key.size())
            std::ranges::copy(*bytes, key.begin());
        else
            fail();
        return key;
    }
    const json::array* list(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_array()) return &value->get_array();
        fail();
        return nullptr;
    }

  private:
    const json::value* find(std::string_view name) const {
        return object_ == nullptr ? nullptr : object_->if_contains(name);
    }
    std::string fail() {
        object_ = nullptr;
        return {};
    }

    const json::object* object_;
};

std::optional<Member> read_member(const json::value& value) {
    Reader reader(value);
    Member member;
    member.id.value = reader.number("id", ledger::max_json_integer);
    member.name = reader.text("node", 64);
    member.agency = reader.text("agency", 64);
    member.host = reader.text("host", max_host_bytes);
    member.port = static_cast<std::uint16_t>(reader.number("port", max_port));
    member.log_key = reader.key("log_key");
    member.cosigner_key = reader.key("cosigner_key");
    member.node_key = reader.key("node_key");
    member.tls_key = reader.key("tls_key");
    if (!reader.good() || member.id.value == 0 || !is_node_name(member.name)) return std::nullopt;
    return member;
}

json::object to_json(const Member& member) {
    return {{"id", static_cast<std::int64_t>(member.id.value)},
            {"node", member.name},
            {"agency", member.agency},
            {"host", member.host},
            {"port", member.port},
            {"log_key", key_text(member.log_key)},
            {"cosigner_key", key_text(member.cosigner_key)},
            {"node_key", key_text(member.node_key)},
            {"tls_key", key_text(member.tls_key)}};
}

}  // namespace

bool is_node_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

const Member* MemberNote::find(consensus::NodeId id) const& {
    const auto found = std::ranges::find(members, id, &Member::id);
    return found == members.end() ? nullptr : &*found;
}

const Member* MemberNote::find(std::string_view name) const& {
    const auto found = std::ranges::find(members, name, &Member::name);
    return found == members.end() ? nullptr : &*found;
}

std::string encode_note(const MemberNote& note) {
    json::array members;
    for (const Member& member : note.members) members.emplace_back(to_json(member));
    return json::serialize(json::object{{"version", version},
                                        {"last_id", static_cast<std::int64_t>(note.last_id)},
                                        {"members", std::move(members)}});
}

std::optional<MemberNote> decode_note(std::string_view text) {
    if (text.size() > consensus::max_note_bytes) return std::nullopt;
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error) return std::nullopt;
    Reader reader(value);
    MemberNote note;
    if (reader.number("version", version) != version) return std::nullopt;
    note.last_id = reader.number("last_id", ledger::max_json_integer);
    const json::array* members = reader.list("members");
    if (members == nullptr || members->size() > max_note_members) return std::nullopt;
    for (const json::value& element : *members) {
        auto member = read_member(element);
        const bool rises = member && (note.members.empty() || note.members.back().id < member->id);
        if (!rises || member->id.value > note.last_id || note.find(member->name) != nullptr)
            return std::nullopt;
        note.members.push_back(*std::move(member));
    }
    if (encode_note(note) != text) return std::nullopt;  // one list, one text
    return note;
}

bool describes(const MemberNote& note, const consensus::Configuration& configuration) {
    const auto members = consensus::members(configuration);
    return std::ranges::all_of(members, [&](consensus::NodeId id) { return note.find(id) != nullptr; });
}

MemberNote genesis_note(const ledger::Genesis& genesis) {
    MemberNote note;
    for (const ledger::GenesisNode& node : genesis.nodes)
        note.members.push_back({{node.raft_id},
                                node.name,
                                node.agency,
                                "",
                                0,
                                node.log_key,
                                node.cosigner_key,
                                node.node_key,
                                node.tls_key});
    std::ranges::sort(note.members, {}, &Member::id);
    if (!note.members.empty()) note.last_id = note.members.back().id.value;
    return note;
}

consensus::ConfigurationEntry genesis_configuration(const ledger::Genesis& genesis) {
    const MemberNote note = genesis_note(genesis);
    consensus::ConfigurationEntry entry;
    for (const Member& member : note.members) entry.configuration.voters.push_back(member.id);
    entry.note = encode_note(note);
    return entry;
}

}  // namespace socai::node
