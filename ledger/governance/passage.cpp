#include "ledger/governance/passage.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>

namespace socai::ledger {
namespace {

constexpr std::array<std::string_view, 4> rules{"any", "majority", "two_thirds", "all"};

constexpr std::array table{
    Matter{"compliance_criteria", Passage::majority, "Tiêu chí tuân thủ", "Criteria of compliance"},
    Matter{"hold", Passage::two_thirds, "Tạm dừng quyền ghi của một cơ quan",
           "Holding an agency's right to write"},
    Matter{"limits", Passage::majority, "Giới hạn của sổ cái", "Limits of the ledger"},
    Matter{"member_addition", Passage::two_thirds, "Kết nạp thành viên", "Taking in a member"},
    Matter{"member_removal", Passage::two_thirds, "Thành viên rời khỏi", "A member leaves"},
    Matter{"nodes", Passage::two_thirds, "Các nút của sổ cái", "Nodes of the ledger"},
    Matter{"passage", Passage::two_thirds, "Quy tắc thông qua", "Rules of passage"},
    Matter{"quorum_policy", Passage::two_thirds, "Chính sách đồng ký", "Policy of cosignatures"},
    Matter{"recovery", Passage::two_thirds, "Điều kiện khôi phục", "Conditions of recovery"},
    Matter{"rights", Passage::two_thirds, "Quyền đặc biệt của khóa", "Special rights of a key"},
    Matter{"risk_tables", Passage::majority, "Bảng rủi ro và phân luồng", "Risk and channel tables"},
    Matter{"roles", Passage::two_thirds, "Vai trò của một cơ quan", "Roles of an agency"},
    Matter{"root_keys", Passage::two_thirds, "Thay khóa gốc bị mất", "Replacing lost root keys"},
    Matter{"rule_sets", Passage::majority, "Bộ quy tắc kiểm tra", "Rule sets of inspection"},
    Matter{"versions", Passage::two_thirds, "Phiên bản lược đồ và bộ máy quy tắc",
           "Versions of schemas and rules"},
    Matter{"withdrawal", Passage::two_thirds, "Rút nội dung một lá", "Withdrawal of a leaf's bytes"},
    Matter{"working_calendar", Passage::majority, "Ngày nghỉ, ngày làm bù", "Holidays and working days"},
};
static_assert(std::ranges::is_sorted(table, {}, &Matter::word));

std::string key_of(std::string_view matter) {
    return "!passage/" + std::string(matter);
}

}  // namespace

std::string_view word_of(Passage rule) {
    return rules[static_cast<std::size_t>(rule)];
}

std::optional<Passage> passage(std::string_view word) {
    const auto found = std::ranges::find(rules, word);
    if (found == rules.end()) return std::nullopt;
    return static_cast<Passage>(found - rules.begin());
}

std::size_t votes_needed(Passage rule, std::size_t members) {
    assert(members > 0);
    switch (rule) {
        case Passage::any:
            return 1;
        case Passage::majority:
            return members / 2 + 1;
        case Passage::two_thirds:
            return (2 * members + 2) / 3;
        case Passage::all:
            break;
    }
    return members;
}

std::span<const Matter> matters() {
    return table;
}

const Matter* matter(std::string_view word) {
    const auto found = std::ranges::lower_bound(table, word, {}, &Matter::word);
    return found != table.end() && found->word == word ? &*found : nullptr;
}

Passage passage_of(const Genesis& genesis, const Facts& facts, std::string_view word) {
    const Matter* known = matter(word);
    assert(known != nullptr);
    if (const auto voted = facts.get(key_of(word))) return passage(*voted).value();
    const auto founded = genesis.parameters.passage.find(word);
    return founded == genesis.parameters.passage.end() ? known->passage : passage(founded->second).value();
}

void set_passage(FactDraft& facts, std::string_view word, Passage rule) {
    facts.put(key_of(word), std::string(word_of(rule)));
}

}  // namespace socai::ledger
