#include "inspection/records/breach.hpp"

namespace socai::inspection {

std::string Breach::text() const {
    std::string specifics;
    if (!found.empty()) specifics = "found " + found;
    if (!wanted.empty()) specifics += (specifics.empty() ? "wanted " : ", wanted ") + wanted;
    std::string text = place.empty() ? std::string() : place + ": ";
    text += rule->en;
    if (!specifics.empty()) text += " (" + specifics + ")";
    text += " / " + std::string(rule->vi) + " [" + std::string(rule->id);
    if (!article.empty()) text += "; " + article;
    return text + "]";
}

ledger::Error Breach::error() const {
    return {rule->fault, std::string(rule->reason), text()};
}

}  // namespace socai::inspection
