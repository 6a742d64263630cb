// The inspection methods and why one applies, in the words that records and answers use. Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace socai::inspection {

// How deep goods are inspected, from the lightest (reference/domain.md §1, glossary §8).
enum class Method : std::uint8_t {
    exempt,   // miễn kiểm tra
    reduced,  // kiểm tra giảm: the dossiers of a few, drawn at random
    normal,   // kiểm tra thông thường: the dossier
    strict,   // kiểm tra chặt: the dossier and samples
};
std::string_view word(Method method);
std::optional<Method> parse_method(std::string_view word);
inline bool lighter(Method a, Method b) {
    return a < b;
}

// Why a method applies to goods. The rule set names the article of each (rule_set.hpp).
enum class Reason : std::uint8_t {
    default_method,       // nothing is known that says otherwise
    not_certified,        // no type scheme covers the goods
    certified,            // one does
    passes_under_strict,  // as many within the window as the rule set asks for: to normal
    passes_under_normal,  // and these to the lightest method
    failed_inspection,    // the last inspection of such goods at import failed
    failed_check,         // a check after clearance, or another examination, found them failing
    upheld_complaint,
    active_alert,
    alert_over,  // it is lifted or its term is over, and passes have yet to show that it is no longer needed
    term_over,   // what the passes had earned has lapsed
    imposed,     // customs published a stricter method, with its reason and article
    certificate_over,  // the type scheme that the method rested on has lapsed or was withdrawn
};
std::string_view word(Reason reason);
std::optional<Reason> parse_reason(std::string_view word);

}  // namespace socai::inspection
