// The examples of inspection/schemas/examples, and the registry that they are written for.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "inspection/records/embedded_kinds.hpp"
#include "inspection/records/record_rules.hpp"
#include "ledger/ijson.hpp"
#include "ledger/registry.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection::test {

namespace json = boost::json;

inline std::string file_text(const std::string& name) {
    std::ifstream file(project_file(name));
    return {std::istreambuf_iterator<char>(file), {}};
}

// The agencies of data/genesis_registry.json.
inline ledger::Registry sample_registry() {
    ledger::Registry registry;
    const json::value agencies = json::parse(file_text("data/genesis_registry.json"));
    for (const json::value& value : agencies.as_array()) {
        ledger::Agency agency;
        agency.code = value.at("code").as_string();
        if (value.at("parent").is_string()) agency.parent = value.at("parent").as_string();
        for (const json::value& role : value.at("roles").as_array())
            agency.roles.emplace_back(role.as_string());
        agency.name_vi = value.at("name_vi").as_string();
        agency.name_en = value.at("name_en").as_string();
        registry.add_agency(agency).value();
    }
    return registry;
}

// `target` changed by a JSON merge patch (RFC 7396).
inline void merge(json::value& target, const json::value& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) target = json::object();
    for (const auto& member : patch.get_object()) {
        if (member.value().is_null())
            target.get_object().erase(member.key());
        else
            merge(target.get_object()[member.key()], member.value());
    }
}

struct RefusedExample {
    json::value record;
    std::string rule;
    std::string at;
};
struct Examples {
    std::string kind;
    json::value accepted;
    std::vector<RefusedExample> refused;
};

inline Examples examples_of(const EmbeddedKind& kind) {
    const json::value text = json::parse(json::string_view(kind.examples));
    Examples examples{std::string(kind.name), text.at("accepted"), {}};
    for (const json::value& refused : text.at("refused").as_array()) {
        json::value record = examples.accepted;
        merge(record, refused.at("patch"));
        examples.refused.push_back(
            {record, std::string(refused.at("rule").as_string()), std::string(refused.at("at").as_string())});
    }
    return examples;
}

inline ledger::Record record_of(const json::value& value) {
    const auto record = ledger::parse_record(json::serialize(value));
    if (!record) throw std::runtime_error(record.error().detail + " in " + json::serialize(value));
    return *record;
}

// A registry, and the kinds of records that stand before.
class SampleSurroundings : public Surroundings {
  public:
    const ledger::Registry* registry() const override { return &registry_; }
    std::optional<std::string> kind_of(const ledger::Reference& reference) const override {
        const auto found = kinds_.find({reference.source, reference.id});
        return found == kinds_.end() ? std::nullopt : std::optional(found->second);
    }
    void add(const ledger::Record& record) {
        kinds_[{record.source, record.id}] = std::string(record.kind());
    }

  private:
    ledger::Registry registry_ = sample_registry();
    std::map<std::pair<std::string, std::string>, std::string> kinds_;
};

// Strings, numbers and structures that are right in some places and wrong in most.
inline json::array leaves_to_try() {
    json::array leaves =
        json::parse(R"([null, true, 0, -1, 12, 9007199254740991, "", "a", "ố", "strict", "2021-02-29", "9503",
        "104000123450", "9900000016", [], [{}], {}, {"name": "x"}])")
            .as_array();
    leaves.emplace_back(std::string(300, 'x'));
    return leaves;
}

// Changes one place of `value`, chosen by `dice`.
inline void mutate(json::value& value, std::mt19937& dice) {
    static const json::array leaves = leaves_to_try();
    const auto below = [&](std::size_t bound) { return dice() % bound; };
    if (json::object* object = value.if_object(); object != nullptr && !object->empty() && below(8) != 0) {
        auto member = object->begin() + static_cast<std::ptrdiff_t>(below(object->size()));
        switch (below(10)) {
            case 0:
                object->erase(member);
                return;
            case 1:
                (*object)["stranger"] = leaves[below(leaves.size())];
                return;
            default:
                return mutate(member->value(), dice);
        }
    }
    if (json::array* array = value.if_array(); array != nullptr && !array->empty() && below(8) != 0) {
        if (below(6) == 0) array->push_back((*array)[below(array->size())]);
        return mutate((*array)[below(array->size())], dice);
    }
    value = leaves[below(leaves.size())];
}

}  // namespace socai::inspection::test
