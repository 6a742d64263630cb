// What the verifying verbs share: the pinned policy on the command line, and who stands behind a head.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <string>
#include <string_view>

#include "ledger/receipt.hpp"
#include "node/cli/command.hpp"

namespace socai::node::cli {

// --policy P.
void add_policy_option(CLI::App& verb, std::string& path, bool required);

// A ledger's error as the program's: `exit` says whether the input was wrong or the answer is "no".
Error verdict(Exit exit, const ledger::Error& error);
// Prints {"verified": false, reason, detail} when `json`, and the error.
Exit refuse(const Error& error, bool json);

// [{agency, witness, time}] of a head's cosigners; time in ms since the epoch.
boost::json::array cosigners_json(const ledger::VerifiedReceipt& receipt);
// "customs (customs-1, 2026-11-25 22:10:03.000Z), most (…)"; "nobody" when there are none.
std::string cosigners_text(const ledger::VerifiedReceipt& receipt);
// Lines of what receipts do not show, for people and for JSON: the same for every verb, one more when the policy asks
// for no cosignature.
std::vector<std::string> not_shown_by_receipts(const ledger::Policy& policy);

}  // namespace socai::node::cli
