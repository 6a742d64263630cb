// The sample registry founds a ledger, and both sample shipments are admitted to it record by record.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>

#include "inspection/kinds.hpp"
#include "ledger/jwk.hpp"
#include "ledger/policy.hpp"
#include "tests/project_folder.hpp"
#include "tests/unit/ledger/founders.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using namespace socai::ledger;

constexpr std::string_view origin = "ledger.example.vn/ktcn";
constexpr std::int64_t now_ms = 1'760'000'000'000;  // long after both shipments

class NothingApplied : public View {
  public:
    std::uint64_t size() const override { return 1; }  // the genesis
    std::int64_t last_time_ms() const override { return now_ms; }
    std::optional<KnownRecord> find(std::string_view, std::string_view) const override {
        return std::nullopt;
    }
    std::optional<Hash> find_node(std::string_view) const override { return std::nullopt; }
    const Facts& facts() const override { return facts_; }
    Hash root() const override { return {}; }
    Hash root_with(const Hash& leaf) const override { return leaf; }

  private:
    FactMap facts_;
};

Jwk key_named(const std::string& kid) {
    return {kid, KeyPair::from_seed(sha256(kid))};
}

json::value read_registry() {
    std::ifstream file(project_file("data/genesis_registry.json"));
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

Genesis found() {
    Genesis genesis;
    genesis.origin = origin;
    const json::value registry = read_registry();
    for (const json::value& value : registry.as_array()) {
        const json::object& item = value.as_object();
        Agency agency;
        agency.code = item.at("code").as_string();
        if (item.at("parent").is_string()) agency.parent = item.at("parent").as_string();
        for (const json::value& role : item.at("roles").as_array())
            agency.roles.emplace_back(role.as_string());
        agency.name_vi = item.at("name_vi").as_string();
        agency.name_en = item.at("name_en").as_string();
        genesis.registry.add_agency(agency).value();
        if (agency.has_role("trader")) {
            genesis.registry.add_delegation(*agency.parent, agency.code).value();
            continue;
        }
        RegisteredKey key;
        key.kid = agency.code + "/1";
        key.agency = agency.code;
        key.key = key_named(key.kid).key.public_key();
        key.rights = {"historical_import"};
        genesis.registry.add_key(key).value();
    }
    Policy policy;
    for (const std::string agency : {"customs", "most", "mard", "moit"}) {
        const PublicKey log_key = key_named(agency + "-1 log").key.public_key();
        policy.logs.push_back({{std::string(origin), NoteKeyType::ed25519, log_key}, ""});
        genesis.nodes.push_back({agency + "-1", agency, genesis.nodes.size() + 1, log_key,
                                 key_named(agency + "-1 cosigner").key.public_key(),
                                 key_named(agency + "-1 node").key.public_key(),
                                 key_named(agency + "-1 tls").key.public_key()});
    }
    genesis.policy = policy.to_string();
    ledger::samples::let_members_consent(genesis);
    return genesis;
}

TEST(Shipments, AreAdmittedToTheLedgerOfTheSampleRegistry) {
    const std::string record = genesis_record(found(), "customs", "2025-01-01T00:00:00+07:00");
    const std::string entry =
        make_entry(now_ms, sign_statement(key_named("customs/1"), origin, record, false));
    const Result<Genesis> genesis = parse_genesis(entry);
    ASSERT_TRUE(genesis) << genesis.error().detail;
    EXPECT_EQ(genesis->registry.agencies().size(), 19u);

    const KindRules rules;
    const Context context{*genesis, rules};
    const NothingApplied base;
    Frontier frontier;
    frontier.append(leaf_hash(entry));
    Tail tail(base, frontier);
    for (const char* name : {"shipment_toys.jsonl", "shipment_mangosteen.jsonl"}) {
        std::ifstream file(project_file("data/") + name);
        for (std::string line; std::getline(file, line);) {
            const std::string source = parse_record(line).value().source;
            const bool trader = genesis->registry.agency(source)->has_role("trader");
            const std::string kid = (trader ? "customs.nsw" : source) + "/1";
            const auto statement = std::make_shared<const Statement>(
                parse_statement(sign_statement(key_named(kid), origin, line, false)).value());
            Verdict verdict = admit(context, tail, statement, now_ms, false);
            const Error* error = std::get_if<Error>(&verdict);
            ASSERT_EQ(error, nullptr) << line << "\n" << error->detail;
            EXPECT_FALSE(std::get<Admitted>(verdict).late);
            tail.push(std::get<Admitted>(std::move(verdict)));
        }
    }
    EXPECT_EQ(tail.size(), 41u);
    EXPECT_EQ(tail.find("most.qlcl", "t-08")->address,
              (Address{tail.find("cab.cn-09", "t-07")->address.index + 1, 0}));
}

}  // namespace
}  // namespace socai::inspection
