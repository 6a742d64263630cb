#include "inspection/activation.hpp"

#include "inspection/fact_codec.hpp"
#include "inspection/records/breach.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "!act";

const Rule backwards{"activation.backwards",
                     "QĐ 38/QĐ-TTg",
                     "a version in force is never followed by a lower one",
                     "không được quay về phiên bản thấp hơn phiên bản đang có hiệu lực",
                     ledger::Fault::refused,
                     "activation_backwards"};

struct Activated {
    RuleVersions versions;
    ledger::Address at;
    template <class Codec>
    void members(Codec& codec) {
        codec(versions.schema_set, versions.rule_engine, at);
    }
};

std::string told(const RuleVersions& versions) {
    return "schema set " + std::to_string(versions.schema_set) + ", rule engine " +
           std::to_string(versions.rule_engine);
}

}  // namespace

RuleVersions required_versions(const ledger::Facts& facts) {
    const auto value = facts.get(FactKey(table));
    return value ? decode_fact<Activated>(*value).versions : RuleVersions{};
}

ledger::Result<void> take_activation(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (coming.record.kind() != "activation") return {};
    const auto& data = coming.record.data();
    const RuleVersions wanted{static_cast<std::uint32_t>(data.at("schema_set").as_int64()),
                              static_cast<std::uint32_t>(data.at("rule_engine").as_int64())};
    const RuleVersions required = required_versions(facts);
    if (!wanted.cover(required))
        return Breach{&backwards, std::string(backwards.article), "/data", told(wanted),
                      "at least " + told(required)}
            .error();
    facts.put(FactKey(table), encode_fact(Activated{wanted, coming.address}));
    return {};
}

}  // namespace socai::inspection
