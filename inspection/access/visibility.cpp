#include "inspection/access/visibility.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "inspection/access/account.hpp"
#include "inspection/access/visibility_table.hpp"
#include "inspection/records/kind_table.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/dossier.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view whole = "*";
constexpr std::string_view unless_alert = "!alert";
constexpr std::array<std::string_view, 5> envelope{"specversion", "id", "source", "type", "time"};

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

// ---- whom a record concerns

bool is_of(const Viewer& viewer, std::string_view tax_code) {
    return !viewer.tax_code.empty() && said_of(viewer.tax_code, tax_code);
}

// Of a source that is a trader: its code ends in its tax code.
bool is_source_of(const Viewer& viewer, std::string_view source) {
    const auto tax_code = trader_tax_code(source);
    return tax_code && is_of(viewer, *tax_code);
}

bool refers_to_own(const Viewer& viewer, const ledger::Record& record) {
    return std::ranges::any_of(record.refs, [&](const ledger::Reference& reference) {
        return (reference.rel == "for" || reference.rel == "about" || reference.rel == "decides") &&
               is_source_of(viewer, reference.source);
    });
}

bool concerns_trader(const Viewer& viewer, const ledger::Record& record, const Fields& fields,
                     const ledger::Facts* facts) {
    if (viewer.tax_code.empty()) return false;
    if (!fields.tax_codes.empty())
        return std::ranges::any_of(fields.tax_codes,
                                   [&](const std::string& code) { return is_of(viewer, code); });
    if (facts != nullptr && fields.dossier_no)
        if (const auto dossier = find_dossier(*facts, *fields.dossier_no))
            return is_of(viewer, dossier->tax_code);
    if (facts != nullptr && fields.declaration_no)
        if (const auto declaration = find_declaration(*facts, *fields.declaration_no))
            return is_of(viewer, declaration->tax_code);
    return is_source_of(viewer, record.source) || refers_to_own(viewer, record);
}

bool concerns_body(const Viewer& viewer, const ledger::Record& record, const Fields& fields,
                   const ledger::Facts* facts) {
    if (!viewer.conformity_body || viewer.source.empty()) return false;
    if (text_of(record.data(), "conformity_body_chosen") == viewer.source) return true;
    if (std::ranges::any_of(record.refs, [&](const ledger::Reference& reference) {
            return reference.rel == "based_on" && reference.source == viewer.source;
        }))
        return true;
    if (facts == nullptr || !fields.declaration_no) return false;
    const auto declaration = find_declaration(*facts, *fields.declaration_no);
    return declaration && std::ranges::any_of(declaration->dossiers, [&](const std::string& dossier_no) {
               const auto dossier = find_dossier(*facts, dossier_no);
               return dossier && dossier->conformity_body == viewer.source;
           });
}

// ---- alerts

bool is_published(const ledger::Record& record) {
    const json::value* published = record.data().if_contains("published");
    return published != nullptr && published->is_bool() && published->get_bool();
}
std::string_view importer_of_scope(const ledger::Record& record) {
    const json::value* scope = record.data().if_contains("scope");
    return scope != nullptr && scope->is_object() ? text_of(scope->get_object(), "tax_code")
                                                  : std::string_view();
}
// The issuer's word decides, and one about an importer is for that importer alone (design/domain.md 2).
bool is_open_to(const Viewer& viewer, const ledger::Record& record) {
    const std::string_view importer = importer_of_scope(record);
    return is_published(record) && (importer.empty() || is_of(viewer, importer));
}

// ---- confidential members

bool is_of_customs(const ledger::Registry& registry, std::string_view code) {
    return std::ranges::any_of(registry.agencies(), [&](const auto& known) {
        return known.second.has_role("customs_office") && registry.is_under(known.first, code);
    });
}

// ---- members

void add_members(std::string_view list, std::vector<std::string_view>& members) {
    while (!list.empty()) {
        const std::string_view member = list.substr(0, list.find(' '));
        if (std::ranges::find(members, member) == members.end()) members.push_back(member);
        list.remove_prefix(std::min(member.size() + 1, list.size()));
    }
}

bool tells_of_alert(const json::object& data, std::string_view name) {
    return text_of(data, name).find("alert") != std::string_view::npos;
}

// Puts what `path` leads to into `target`, beside what is there of the same object.
void copy_path(const json::object& from, std::string_view path, json::object& target) {
    const std::string_view name = path.substr(0, path.find('.'));
    const json::value* value = from.if_contains(name);
    if (value == nullptr) return;
    if (name.size() == path.size()) {
        target[name] = *value;
        return;
    }
    const std::string_view rest = path.substr(name.size() + 1);
    if (const json::object* object = value->if_object()) {
        json::value& inner = target[name];
        if (!inner.is_object()) inner = json::object(target.storage());
        copy_path(*object, rest, inner.get_object());
    } else if (const json::array* array = value->if_array()) {
        json::value& inner = target[name];
        if (!inner.is_array()) {
            inner = json::array(target.storage());
            for (std::size_t i = 0; i < array->size(); ++i) inner.get_array().emplace_back(json::object());
        }
        for (std::size_t i = 0; i < array->size(); ++i)
            if (const json::object* each = (*array)[i].if_object())
                copy_path(*each, rest, inner.get_array()[i].get_object());
    }
}

bool shows(const Seen& seen, std::string_view member) {
    return std::ranges::find(seen.members, member) != seen.members.end();
}

}  // namespace

Seen seen_by(const Viewer& viewer, const ledger::Record& record, const ledger::Facts* facts) {
    if (viewer.whole) return {Sight::whole};
    if (!viewer.source.empty() && record.source == viewer.source) return {Sight::whole};
    const VisibilityRow* row = visibility_of(record.kind());
    if (row == nullptr) return {viewer.agency ? Sight::whole : Sight::nothing};
    if (viewer.agency && (row->agencies == AgencyReaders::all || viewer.customs)) return {Sight::whole};
    if (row->condition == Condition::published)
        return {is_open_to(viewer, record) ? Sight::whole : Sight::nothing};

    std::vector<std::string_view> members;
    add_members(row->everybody, members);
    if (needs_facts(viewer) && !(row->trader.empty() && row->conformity_body.empty())) {
        const Fields fields = fields_of(record);
        if (!row->trader.empty() && concerns_trader(viewer, record, fields, facts))
            add_members(row->trader, members);
        if (!row->conformity_body.empty() && concerns_body(viewer, record, fields, facts))
            add_members(row->conformity_body, members);
    }
    if (members.empty()) return {};
    if (std::ranges::find(members, whole) != members.end()) return {Sight::whole};
    return {Sight::part, std::move(members)};
}

bool may_open(const ledger::Registry& registry, const Viewer& viewer, const ledger::Record& record,
              const Seen& seen) {
    if (!seen.is_whole() || viewer.is_public()) return false;
    if (viewer.opens_all || !viewer.agency) return true;
    if (!viewer.source.empty() && registry.is_under(record.source, viewer.source)) return true;
    const VisibilityRow* row = visibility_of(record.kind());
    return row == nullptr || row->opened_to == AgencyReaders::all || is_of_customs(registry, viewer.source);
}

// What an agency sees of a record depends on its kind and its writer alone.
bool may_hold(const ledger::Registry& registry, std::string_view agency, std::string_view source,
              std::string_view type) {
    ledger::Record record;
    record.source = source;
    record.type = type;
    const Viewer viewer = viewer_for(registry, agency);
    return viewer.agency && may_open(registry, viewer, record, seen_by(viewer, record, nullptr));
}

bool may_know_of(const ledger::Registry& registry, const Viewer& viewer, std::string_view source) {
    if (viewer.whole || (!viewer.source.empty() && viewer.source == source) || is_source_of(viewer, source)) return true;
    if (!viewer.agency || viewer.customs) return viewer.agency;
    const ledger::Agency* writer = registry.agency(source);
    return std::ranges::none_of(kind_table(), [&](const KindTraits& kind) {
        const VisibilityRow* row = visibility_of(kind.kind);
        return row != nullptr && row->agencies == AgencyReaders::customs && writer != nullptr &&
               std::ranges::any_of(kind.writers, [&](std::string_view role) { return writer->has_role(role); });
    });
}

json::object seen_json(const ledger::Record& record, const Seen& seen, json::storage_ptr storage) {
    if (seen.is_whole()) return json::object(record.json, std::move(storage));
    json::object shown(std::move(storage));
    for (const std::string_view name : envelope) shown[name] = record.json.at(name);
    if (const auto* subject = record.json.if_contains("subject"); subject != nullptr && shows(seen, "subject"))
        shown["subject"] = *subject;  // a withdrawn record has none
    shown["datacontenttype"] = "application/json";
    json::object data(shown.storage());
    for (const std::string_view member : seen.members) {
        if (member == "subject") continue;
        if (!member.ends_with(unless_alert)) {
            copy_path(record.data(), member, data);
            continue;
        }
        const std::string_view name = member.substr(0, member.size() - unless_alert.size());
        if (!tells_of_alert(record.data(), name)) copy_path(record.data(), name, data);
    }
    copy_path(record.data(), "legal_basis", data);
    shown["data"] = std::move(data);
    return shown;
}

Fields seen_fields(const ledger::Record& record, const Seen& seen) {
    if (seen.is_whole()) return fields_of(record);
    ledger::Record shown;
    shown.id = record.id;
    shown.source = record.source;
    shown.type = record.type;
    shown.time_ms = record.time_ms;
    if (shows(seen, "subject")) shown.subject = record.subject;
    shown.json = seen_json(record, seen, {});
    return fields_of(shown);
}

bool may_ask_for(const Viewer& viewer, const Filter& filter) {
    if (viewer.agency || viewer.whole) return true;
    // A trader asks for nobody else by name, whatever the search would find.
    if (!viewer.tax_code.empty()) return !filter.tax_code || is_of(viewer, *filter.tax_code);
    if (!viewer.source.empty()) return true;
    return !filter.tax_code && !filter.dossier_no && !filter.declaration_no;
}

}  // namespace socai::inspection
