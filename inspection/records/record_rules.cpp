#include "inspection/records/record_rules.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cassert>

#include "inspection/records/embedded_kinds.hpp"
#include "inspection/records/rules.hpp"
#include "inspection/records/value_rules.hpp"
#include "ledger/syntax.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
    std::string text;
    for (const std::string_view word : words)
        text += (text.empty() ? std::string() : std::string(between)) + std::string(word);
    return text;
}

void check_writer(const Kind& kind, const ledger::Record& record, const ledger::Registry& registry,
                  Breaches& breaches) {
    const ledger::Agency* writer = registry.agency(record.source);
    if (writer == nullptr)
        return breaches.add({&rules::writer_registered,
                             std::string(rules::writer_registered.article),
                             "/source",
                             ledger::quote(record.source),
                             {}});
    if (std::ranges::any_of(kind.traits.writers,
                            [&](std::string_view role) { return writer->has_role(role); }))
        return;
    std::string roles;
    for (const std::string& role : writer->roles) roles += (roles.empty() ? "" : ", ") + role;
    breaches.add({&rules::writer_role, std::string(kind.traits.writer_article), "/source",
                  record.source + " with the roles " + (roles.empty() ? "none" : roles),
                  joined(kind.traits.writers, ", ")});
}

// A relation with the kinds that it may lead to, for a person.
std::string described(const Relation& relation) {
    return std::string(relation.rel) + " " +
           (relation.kinds.empty() ? "any kind" : joined(relation.kinds, " or "));
}

std::optional<Breach> wrong_target(const Kind& kind, const Relation& relation, std::size_t position,
                                   std::string_view target) {
    if (relation.kinds.empty() || std::ranges::find(relation.kinds, target) != relation.kinds.end())
        return std::nullopt;
    return Breach{&rules::reference_kind, kind.article, "/data/refs/" + std::to_string(position),
                  std::string(target), described(relation)};
}

void check_references(const Kind& kind, const ledger::Record& record, const Surroundings& surroundings,
                      Breaches& breaches) {
    const auto add = [&](const Rule& rule, std::string place, std::string found, std::string wanted) {
        breaches.add({&rule,
                      std::string(rule.article.empty() ? std::string_view(kind.article) : rule.article),
                      std::move(place), std::move(found), std::move(wanted)});
    };
    bool supersedes = false;
    for (std::size_t i = 0; i < record.refs.size(); ++i) {
        const ledger::Reference& reference = record.refs[i];
        const std::string place = "/data/refs/" + std::to_string(i);
        const Relation* relation = kind.traits.relation(reference.rel);
        if (relation == nullptr) {
            std::string all;
            for (const Relation& known : kind.traits.relations)
                all += (all.empty() ? "" : ", ") + std::string(known.rel);
            add(rules::reference_relation, place + "/rel", reference.rel, all.empty() ? "no reference" : all);
            continue;
        }
        // What ends a record of its own kind corrects it, by whatever word.
        const bool ends_its_own = reference.rel == "closes" && relation->kinds.size() == 1 &&
                                  relation->kinds.front() == kind.traits.kind;
        if ((reference.rel == "supersedes" || ends_its_own) && reference.source != record.source)
            add(rules::supersession_own, place + "/source", reference.source, record.source);
        if (reference.rel == "supersedes") {
            if (supersedes) add(rules::supersession_one, place, {}, {});
            supersedes = true;
        }
        const auto target = surroundings.kind_of(reference);
        if (target)
            if (auto breach = wrong_target(kind, *relation, i, *target)) breaches.add(*std::move(breach));
    }
    for (const auto& group : kind.traits.required) {
        const bool stands = std::ranges::any_of(record.refs, [&](const ledger::Reference& reference) {
            return std::ranges::find(group, reference.rel) != group.end();
        });
        if (stands) continue;
        std::string wanted;
        for (const std::string_view rel : group)
            wanted += (wanted.empty() ? "" : ", or ") + described(*kind.traits.relation(rel));
        add(rules::reference_required, "/data/refs", {}, std::move(wanted));
    }
}

std::vector<std::string> confidential_members(const json::object& schema) {
    std::vector<std::string> names;
    for (const auto& [name, member] : schema.at("properties").as_object()) {
        const json::value* said = member.as_object().if_contains("x-confidential");
        if (said != nullptr && *said == json::value(true)) names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

// The schema is asked about what stands in clear.
void check_clear_part(const Kind& kind, const ledger::Record& record, Breaches& breaches) {
    if (record.commitments.empty())
        return kind.schema.check(record.json.at("data"), "/data", kind.article, breaches);
    if (kind.confidential.empty())
        return breaches.add({&rules::commitment_kind, kind.article, "/data/_sd", {}, {}});
    if (record.commitments.size() > kind.confidential.size())
        return breaches.add({&rules::commitment_count, kind.article, "/data/_sd",
                             std::to_string(record.commitments.size()),
                             "at most " + std::to_string(kind.confidential.size())});
    json::object clear = record.data();
    clear.erase("_sd");
    kind.schema.check(std::move(clear), "/data", kind.article, breaches);
}

Kind compile(const EmbeddedKind& embedded, KindTraits traits) {
    const json::object schema = json::parse(json::string_view(embedded.schema)).as_object();
    auto compiled = Schema::parse(schema);
    assert(compiled && traits.kind == embedded.name);
    return {std::move(traits), *std::move(compiled), text_of(schema, "x-article"),
            text_of(schema, "x-subject"), text_of(schema, "title"), confidential_members(schema)};
}

}  // namespace

RecordRules::RecordRules() {
    std::vector<KindTraits> table = kind_table();
    const auto embedded = embedded_kinds();
    assert(table.size() == embedded.size());
    for (std::size_t i = 0; i < embedded.size(); ++i)
        kinds_.push_back(compile(embedded[i], std::move(table[i])));
}

const Kind* RecordRules::kind(std::string_view name) const {
    const auto found =
        std::ranges::lower_bound(kinds_, name, {}, [](const Kind& kind) { return kind.traits.kind; });
    return found != kinds_.end() && found->traits.kind == name ? &*found : nullptr;
}

std::vector<Breach> RecordRules::judge(const ledger::Record& record, const Surroundings& surroundings,
                                       std::size_t limit) const {
    Breaches breaches(limit);
    const Kind* kind = this->kind(record.kind());
    // The type is vn.socai.<word>.v<n>, at most some 80 bytes: it may be quoted whole.
    if (kind == nullptr || record.version() != 1) {
        breaches.add({kind == nullptr ? &rules::kind_unknown : &rules::kind_version,
                      {},
                      "/type",
                      "\"" + record.type + "\"",
                      {}});
        return std::move(breaches).take();
    }
    check_clear_part(*kind, record, breaches);
    if (breaches.empty()) check_values(record, kind->subject, kind->article, breaches);
    if (const ledger::Registry* registry = surroundings.registry())
        check_writer(*kind, record, *registry, breaches);
    check_references(*kind, record, surroundings, breaches);
    return std::move(breaches).take();
}

std::vector<Breach> RecordRules::judge_opened(const ledger::Record& record,
                                              const std::vector<std::string>& names,
                                              const Surroundings& surroundings, std::size_t limit) const {
    if (const Kind* kind = this->kind(record.kind())) {
        for (const std::string& name : names) {
            if (std::ranges::binary_search(kind->confidential, name)) continue;
            std::string all;
            for (const std::string& known : kind->confidential) all += (all.empty() ? "" : ", ") + known;
            return {{&rules::commitment_member, kind->article, "/data/" + name, {}, std::move(all)}};
        }
    }
    return judge(record, surroundings, limit);
}

std::optional<Breach> RecordRules::judge_writer(const ledger::Record& record,
                                                const ledger::Registry& registry) const {
    const Kind* kind = this->kind(record.kind());
    if (kind == nullptr) return std::nullopt;
    Breaches breaches(1);
    check_writer(*kind, record, registry, breaches);
    std::vector<Breach> found = std::move(breaches).take();
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Breach> RecordRules::judge_reference(const ledger::Record& record, std::size_t position,
                                                   std::string_view target) const {
    const Kind* kind = this->kind(record.kind());
    if (kind == nullptr) return std::nullopt;
    const Relation* relation = kind->traits.relation(record.refs.at(position).rel);
    return relation == nullptr ? std::nullopt : wrong_target(*kind, *relation, position, target);
}

Breach RecordRules::unknown_reference(const ledger::Record& record, std::size_t position) const {
    const Kind* kind = this->kind(record.kind());
    const ledger::Reference& reference = record.refs.at(position);
    return {&rules::reference_unknown,
            kind == nullptr ? std::string() : kind->article,
            "/data/refs/" + std::to_string(position),
            reference.rel + " " + reference.id + " of " + reference.source,
            {}};
}

}  // namespace socai::inspection
