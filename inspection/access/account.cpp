#include "inspection/access/account.hpp"

#include <algorithm>
#include <array>

#include "inspection/records/tax_code.hpp"

namespace socai::inspection {
namespace {

// reference/domain.md §2.2, column "readers": agencies.
constexpr std::array<std::string_view, 7> agency_roles{
    "member",         "list_owner",  "inspection_agency", "market_surveillance", "provincial_committee",
    "customs_office", "nsw_operator"};

}  // namespace

bool may_sign_in(const ledger::RegisteredKey& key) {
    using enum ledger::KeyPurpose;
    return key.purpose == record || key.purpose == registrar || key.purpose == root || key.purpose == auditor;
}

std::optional<std::string_view> trader_tax_code(std::string_view source) {
    const std::size_t dot = source.rfind('.');
    if (dot == std::string_view::npos || !is_tax_code(source.substr(dot + 1))) return std::nullopt;
    return source.substr(dot + 1);
}

Viewer viewer_for(const ledger::Registry& registry, std::string_view source) {
    Viewer viewer;
    viewer.source = source;
    const ledger::Agency* agency = registry.agency(source);
    if (agency == nullptr) return viewer;
    const auto has = [&](std::string_view role) { return agency->has_role(role); };
    viewer.whole = has("member") || has("auditor");
    viewer.agency = viewer.whole || std::ranges::any_of(agency_roles, has);
    viewer.customs = viewer.whole || has("customs_office");
    viewer.opens_all = has("auditor");
    viewer.conformity_body = has("conformity_body");
    if (has("trader"))
        if (const auto tax_code = trader_tax_code(source)) viewer.tax_code = *tax_code;
    return viewer;
}

std::string described(const Viewer& viewer) {
    std::string words;
    const auto add = [&](bool said, std::string_view word) {
        if (said) words += (words.empty() ? "" : " ") + std::string(word);
    };
    add(viewer.whole, "whole");
    add(viewer.agency, "agency");
    add(viewer.customs, "customs");
    add(!viewer.tax_code.empty(), "trader:" + viewer.tax_code);
    add(viewer.conformity_body, "conformity_body");
    add(!viewer.source.empty(), "own");
    add(true, "public");
    return words;
}

}  // namespace socai::inspection
