// Methods that the interface names and this version does not serve. They are listed so that a caller learns
// "not yet" (-32602 not_supported) where a misspelt name is told -32601.
#include <array>

#include "api/methods.hpp"

namespace socai::api {

std::vector<Method> planned_methods() {
    struct Entry {
        std::string_view name;
        std::string_view summary;
    };
    static constexpr std::array<Entry, 2> entries{{
        {"governance.proposals", "Proposals to change the ledger's rules, members and keys"},
        {"governance.votes", "The votes on a proposal"},
    }};
    std::vector<Method> methods;
    methods.reserve(entries.size());
    for (const Entry& entry : entries) {
        methods.push_back({entry.name, entry.summary, {}, {}, {Code::invalid_params}, Planned{}});
    }
    return methods;
}

}  // namespace socai::api
