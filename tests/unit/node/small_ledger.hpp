// A ledger of one agency for tests: genesis, keys, stores in a folder of their own, and statements that it admits.
#pragma once

#include <memory>
#include <string>

#include "inspection/kinds.hpp"
#include "ledger/admission.hpp"
#include "ledger/genesis.hpp"
#include "ledger/jwk.hpp"
#include "ledger/policy.hpp"
#include "ledger/time.hpp"
#include "node/bootstrap.hpp"
#include "node/verifier.hpp"
#include "storage/log_store.hpp"
#include "storage/state_store.hpp"
#include "temporary_folder.hpp"

namespace socai::node::test {

inline constexpr std::int64_t genesis_time_ms = 1'700'000'000'000;

struct SmallLedger {
    static constexpr const char* origin = "ledger.test/small";

    SmallLedger() : key{"customs/record-1", ledger::KeyPair::generate()} {
        ledger::Genesis made;
        made.origin = origin;
        made.registry.add_agency({"customs", std::nullopt, {"member"}, "Hải quan", "Customs"}).value();
        made.registry.add_key({key.kid, "customs", "Ed25519", key.key.public_key(), 0, std::nullopt, {}})
            .value();
        ledger::GenesisNode node{"customs-1", "customs", 1, {}, {}, {}, {}};
        node.log_key = ledger::KeyPair::generate().public_key();
        node.cosigner_key = ledger::KeyPair::generate().public_key();
        node.node_key = ledger::KeyPair::generate().public_key();
        node.tls_key = ledger::KeyPair::generate().public_key();
        made.nodes.push_back(node);
        made.policy = "log " +
                      ledger::VerifierKey{origin, ledger::NoteKeyType::ed25519, node.log_key}.to_string() +
                      "\nquorum none\n";
        const std::string record =
            ledger::genesis_record(made, "customs", ledger::format_rfc3339(genesis_time_ms));
        entry = ledger::make_entry(genesis_time_ms, ledger::sign_statement(key, origin, record, false));
        genesis = ledger::parse_genesis(entry).value();
    }

    // A record without references, of the ledger's only agency.
    std::string statement_text(const std::string& id, const std::string& refs = "[]") const {
        const std::string record =
            R"({"specversion":"1.0","id":")" + id +
            R"(","source":"customs","type":"vn.socai.risk_signal.v1","subject":"test","time":")" +
            ledger::format_rfc3339(genesis_time_ms) +
            R"(","datacontenttype":"application/json","data":{"refs":)" + refs + "}}";
        return ledger::sign_statement(key, origin, record, false);
    }
    StatementPtr statement(const std::string& id, const std::string& refs = "[]") const {
        return std::make_shared<const ledger::Statement>(
            ledger::parse_statement(statement_text(id, refs)).value());
    }

    // The state of a ledger that holds the genesis alone.
    std::unique_ptr<storage::StateStore> open_state(const std::string& folder) const {
        bool rebuilt = false;
        auto state =
            storage::StateStore::open(
                folder, identity(),
                [this](consensus::Index) { return std::optional(genesis_log_entry(entry)->id); }, &rebuilt)
                .value();
        const auto first = genesis_log_entry(entry);
        const auto leaf = admitted_genesis(entry);
        const storage::Apply apply{first->id, &leaf};
        state->apply({&apply, 1}).value();
        return state;
    }
    storage::Identity identity() const {
        return {origin, "customs-1", ledger::to_hex(ledger::sha256(entry))};
    }

    ledger::Jwk key;
    std::string entry;
    ledger::Genesis genesis;
    // What a record holds is of no matter here.
    struct EveryRecord : ledger::Rules {
        ledger::Result<void> check(const ledger::Record&, const ledger::Registry&) const override {
            return {};
        }
        ledger::Result<void> check_reference(const ledger::Record&, std::size_t,
                                             std::string_view) const override {
            return {};
        }
    };
    EveryRecord rules;
};

}  // namespace socai::node::test
