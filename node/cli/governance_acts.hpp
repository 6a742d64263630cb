// Acts of governance from the command line: a record made, signed with one registrar or root key, submitted, answered.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "node/cli/command.hpp"
#include "node/cli/target.hpp"

namespace socai::node::cli {

// What every act asks for.
struct ActOptions {
    Target target;
    std::string key;     // --key: a JWK file
    std::string source;  // --source: for whom; the key's own agency unless it is given
    std::string id;      // --id of the record; made from kind and time unless it is given
    bool dry_run = false;

    void add_to(CLI::App& verb, const std::string& key_help = "Registrar or root key that signs (JWK)");
};

// A public key as the registry spells it, from a key file; its private half is not looked at further. Valid from leaf `from`, the
// next one where that is not said, and before `to`.
Result<boost::json::object> key_member(const std::string& file, const std::string& purpose,
                                       std::optional<std::uint64_t> from, std::optional<std::uint64_t> to);

// A reference "about" the act is.
struct About {
    std::string source;
    std::string id;
};
// "customs/p-1". Errors: wrong_use.
Result<About> parse_about(const std::string& text);

// Signs and submits it, waits until it is committed, prints where it stands. `title` is the record's subject.
Exit act(const ActOptions& options, std::string_view kind, std::string_view subject, boost::json::object data,
         const std::optional<About>& about = std::nullopt);

constexpr std::int64_t standard_open_days = 30;
constexpr std::int64_t max_open_days = 366;
// Proposes a change to the members, open for so many days; as act().
Exit propose(const ActOptions& options, std::string_view matter, std::string_view title, boost::json::object change,
             std::int64_t open_days);

void register_governance_acts(CLI::App& governance, Chosen& chosen);
// governance_drafts.cpp
void register_governance_drafts(CLI::App& governance, Chosen& chosen);

}  // namespace socai::node::cli
