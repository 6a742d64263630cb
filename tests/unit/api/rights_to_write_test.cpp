// Who may write what, asked of the whole of admission: every source of every role × every kind, in statements that are rightly
// signed, by the rules that nodes use. What may be written is held to the table that is written down by hand (rights_table.hpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>

#include "inspection/kinds.hpp"
#include "ledger/admission.hpp"
#include "ledger/jwk.hpp"
#include "matrix_ledger.hpp"
#include "rights_table.hpp"
#include "tests/unit/inspection/sample_kinds.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

// 2030-01-01: after every example.
constexpr std::int64_t accepted_ms = 1'893'456'000'000;
constexpr std::string_view under_test = "under-test";

// The acts by which agencies change the registry and vote; design/formats.md, "Keys": a registrar's or the root key signs them.
const std::set<std::string_view> acts{"agency_key", "agency_registration", "ballot",  "delegation", "key_revocation",
                                      "proposal",   "proposal_withdrawal", "recovery"};

// Of acts over an agency that the examples name: it and those above it.
const std::map<std::string, std::set<std::string>, std::less<>>& actors() {
    static const std::map<std::string, std::set<std::string>, std::less<>> table{
        {"agency_key", {"customs.haiphong", "customs"}},
        {"agency_registration", {"customs"}},  // an office under it
        {"delegation", {"customs.haiphong", "customs"}},
        {"key_revocation", {"customs.haiphong", "customs"}},
    };
    return table;
}

// The reasons that tell somebody that he is not the one to write it.
const std::set<std::string>& words_of_rights() {
    static const std::set<std::string> words{"writer_not_entitled", "source_not_allowed", "wrong_purpose",  "unknown_kid",
                                             "key_not_valid",       "agency_held",        "right_missing",  "not_below",
                                             "root_key_needed",     "role_needs_vote",    "right_needs_vote"};
    return words;
}

// A ledger in which everything stands that anything may refer to, so that no reference decides.
class EverythingStands : public ledger::samples::MapView {
  public:
    std::optional<ledger::KnownRecord> find(std::string_view, std::string_view id) const override {
        return id == under_test ? std::nullopt : std::optional<ledger::KnownRecord>(ledger::KnownRecord{});
    }
};

class RightsMatrixOfWriting : public ::testing::Test {
  protected:
    RightsMatrixOfWriting() {
        genesis_.origin = test_origin;
        genesis_.registry = registry_with_keys();  // with record keys
        const ledger::Registry::Agencies agencies = genesis_.registry.agencies();
        for (const auto& [code, agency] : agencies) {
            for (const auto purpose : {ledger::KeyPurpose::registrar, ledger::KeyPurpose::root, ledger::KeyPurpose::auditor}) {
                const std::string kid = code + "/" + std::string(word_of(purpose));
                const ledger::PublicKey key = ledger::samples::key_named(kid).key.public_key();
                genesis_.registry.add_key({.kid = kid, .agency = code, .purpose = purpose, .key = key}).value();
            }
        }
        for (const inspection::EmbeddedKind& kind : inspection::embedded_kinds())
            examples_[std::string(kind.name)] = inspection::test::examples_of(kind).accepted;
    }

    // The example of a kind, as if the source had written it.
    json::value example(const std::string& kind, const std::string& source) const {
        json::value record = examples_.at(kind);
        record.as_object()["id"] = under_test;
        record.as_object()["source"] = source;
        return record;
    }
    // Made once: each lies in guarded memory, which costs more than a signature.
    const ledger::Jwk& key(const std::string& agency, ledger::KeyPurpose purpose) {
        const std::string kid = agency + "/" + std::string(word_of(purpose));
        const auto found = keys_.find(kid);
        if (found != keys_.end()) return found->second;
        const bool of_records = purpose == ledger::KeyPurpose::record;
        return keys_.emplace(kid, of_records ? key_of(agency) : ledger::samples::key_named(kid)).first->second;
    }
    // The key that `agency` signs this kind with.
    const ledger::Jwk& right_key(const std::string& agency, std::string_view kind) {
        return key(agency, acts.contains(kind) ? ledger::KeyPurpose::registrar : ledger::KeyPurpose::record);
    }
    // A trader has no key of its own: customs.nsw signs for it.
    static std::string signer_of(const ledger::Agency& agency) {
        return agency.has_role("trader") ? "customs.nsw" : agency.code;
    }
    // As a node takes a submission: the form, the signature, and then whether it may be the next leaf. "" is admitted.
    ledger::Error submit(const json::value& record, const ledger::Jwk& key) const {
        const auto statement = ledger::parse_statement(sign_statement(key, test_origin, json::serialize(record), false));
        if (!statement) return statement.error();
        if (const auto verified = ledger::check_signature(genesis_, genesis_.registry, *statement); !verified)
            return verified.error();
        const auto verdict = ledger::admit({genesis_, rules_}, view_, std::make_shared<const ledger::Statement>(*statement),
                                           accepted_ms, false);
        if (const auto* error = std::get_if<ledger::Error>(&verdict)) return *error;
        EXPECT_TRUE(std::holds_alternative<ledger::Admitted>(verdict));
        return {ledger::Fault::refused, "", ""};
    }

    ledger::Genesis genesis_;
    std::map<std::string, ledger::Jwk> keys_;
    inspection::KindRules rules_;
    EverythingStands view_;
    std::map<std::string, json::value> examples_;
};

// Whoever lacks the role is told that, and nobody else is; nobody writes a policy for others (design/formats.md: members do).
TEST_F(RightsMatrixOfWriting, ARoleThatIsNotEntitledIsRefusedAsThatAndNoOtherIs) {
    std::map<std::string, int> counted;
    for (const auto& [kind, any] : examples_) {
        int entitled = 0;
        for (const auto& [code, agency] : genesis_.registry.agencies()) {
            SCOPED_TRACE(::testing::Message() << code << " writes " << kind);
            const ledger::Error error = submit(example(kind, code), right_key(signer_of(agency), kind));
            ++counted[error.reason];
            if (!has_any(agency, rights().at(kind).writer)) {
                EXPECT_EQ(error.reason, kind == "policy" ? "source_not_allowed" : "writer_not_entitled");
                EXPECT_EQ(error.fault, ledger::Fault::forbidden);
                continue;
            }
            ++entitled;
            // Over offices, keys and delegations of others the role alone decides nothing.
            const auto concerned = actors().find(kind);
            if (concerned != actors().end() && !concerned->second.contains(code))
                EXPECT_EQ(error.reason, "not_below");
            else if (kind == "policy")  // no vote has passed it, and the key has no right to it
                EXPECT_EQ(error.reason, "right_missing");
            else
                EXPECT_FALSE(words_of_rights().contains(error.reason)) << error.reason << ": " << error.detail;
        }
        EXPECT_GT(entitled, 0) << kind;
    }
    EXPECT_GT(counted[""], 130);  // not only not refused for the role: taken into the ledger
    EXPECT_GT(counted["writer_not_entitled"], 500);
}

// design/interfaces.md: a source that the key may not speak for is refused, whatever the role of whoever holds the key. The agency
// above is a stranger, too; a trader has no key, and whoever it delegated to signs for it.
TEST_F(RightsMatrixOfWriting, NobodyWritesInTheNameOfAnother) {
    int refused = 0;
    for (const auto& [kind, any] : examples_) {
        for (const auto& [code, agency] : genesis_.registry.agencies()) {
            std::set<std::string> strangers{code == "moit" ? "mard" : "moit"};
            if (agency.parent && *agency.parent != signer_of(agency)) strangers.insert(*agency.parent);
            for (const std::string& stranger : strangers) {
                const ledger::Error error = submit(example(kind, code), right_key(stranger, kind));
                EXPECT_EQ(error.reason, "source_not_allowed") << stranger << " writes " << kind << " as " << code;
                EXPECT_EQ(error.fault, ledger::Fault::forbidden);
                ++refused;
            }
        }
        EXPECT_EQ(submit(example(kind, "nobody"), right_key("customs", kind)).reason, "source_not_allowed") << kind;
    }
    EXPECT_GT(refused, 1'000);
}

// design/formats.md, "Keys": what a key is for decides what it signs, by whatever role its agency has.
TEST_F(RightsMatrixOfWriting, AKeySignsOnlyWhatItIsFor) {
    using enum ledger::KeyPurpose;
    for (const auto& [kind, any] : examples_) {
        for (const auto& [code, agency] : genesis_.registry.agencies()) {
            if (agency.has_role("trader") || !has_any(agency, rights().at(kind).writer)) continue;
            for (const auto purpose : {record, registrar, root, auditor}) {
                const bool act = acts.contains(kind);
                const bool good = purpose == record ? !act : act && purpose != auditor;
                const ledger::Error error = submit(example(kind, code), key(code, purpose));
                EXPECT_EQ(error.reason == "wrong_purpose", !good)
                    << code << " signs " << kind << " with a key for " << word_of(purpose) << ": " << error.reason;
            }
        }
    }
}

// A statement that says another than it was signed by: no role helps.
TEST_F(RightsMatrixOfWriting, NobodySignsWithAnothersKey) {
    const ledger::Jwk another = ledger::samples::key_named("another");
    for (const auto& [kind, any] : examples_) {
        for (const auto& [code, agency] : genesis_.registry.agencies()) {
            const std::string signer = signer_of(agency);
            const ledger::Error error = submit(example(kind, code), {right_key(signer, kind).kid, another.key});
            EXPECT_EQ(error.reason, "bad_signature") << code << " writes " << kind;
        }
    }
}

// By the program alone, and by the members' root keys (ledger/recovery_leaf.hpp): no role writes them.
TEST_F(RightsMatrixOfWriting, NoRoleWritesAGenesisOrOpensAnEpoch) {
    for (const auto& [code, agency] : genesis_.registry.agencies()) {
        json::value record = example("alert", code);
        record.as_object()["type"] = "vn.socai.genesis.v1";
        EXPECT_EQ(submit(record, right_key(signer_of(agency), "genesis")).reason, "unknown_kind") << code;
        record.as_object()["type"] = "vn.socai.recovery.v1";
        const auto statement = ledger::parse_statement(
            sign_statement(right_key(signer_of(agency), "recovery"), std::string(test_origin) + "/epoch-2",
                           json::serialize(record), false));
        ASSERT_TRUE(statement);
        const auto verdict = ledger::admit({genesis_, rules_}, view_, std::make_shared<const ledger::Statement>(*statement),
                                           accepted_ms, false);
        const auto* error = std::get_if<ledger::Error>(&verdict);
        ASSERT_NE(error, nullptr) << code;
        EXPECT_EQ(error->reason, agency.has_role("member") ? "malformed_recovery" : "source_not_allowed") << code;
    }
}

// The members' vote over "hold" stops an agency and everybody below it, whatever they write but acts (design/formats.md).
TEST_F(RightsMatrixOfWriting, WhoeverIsHeldWritesNoRecords) {
    genesis_.registry.hold("most", true).value();
    int held = 0;
    for (const auto& [kind, any] : examples_) {
        for (const auto& [code, agency] : genesis_.registry.agencies()) {
            if (!has_any(agency, rights().at(kind).writer)) continue;
            const ledger::Error error = submit(example(kind, code), right_key(signer_of(agency), kind));
            const bool stopped = (code == "most" || code.starts_with("most.") || code == "cab.cn-09") && !acts.contains(kind);
            EXPECT_EQ(error.reason == "agency_held", stopped) << code << " writes " << kind << ": " << error.reason;
            held += stopped ? 1 : 0;
        }
    }
    EXPECT_GT(held, 40);
}

}  // namespace
}  // namespace socai::api::testing
