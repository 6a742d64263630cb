// The verbs of `socai`. Each file registers its verbs on the CLI11 app; main() parses, runs the chosen one
// and returns its exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "node/error.hpp"

namespace socai::node::cli {

// The verb that was chosen on the command line; set by the callbacks that the register functions install.
struct Chosen {
    std::function<Exit()> run;
};

void register_key(CLI::App& app, Chosen& chosen);       // key new | show
void register_genesis(CLI::App& app, Chosen& chosen);  // genesis join | create | verify | show-part
void register_node(CLI::App& app, Chosen& chosen);      // node init | check | run
void register_cluster(CLI::App& app, Chosen& chosen);   // cluster up | status | logs | kill | stop | start |
                                                        // pause | resume | cut | slow | heal | down
void register_template(CLI::App& app, Chosen& chosen);  // template
void register_validate(CLI::App& app, Chosen& chosen);  // validate
void register_sign(CLI::App& app, Chosen& chosen);      // sign
void register_conceal(CLI::App& app, Chosen& chosen);   // conceal
void register_disclosures(CLI::App& app,
                          Chosen& chosen);               // disclosures show | export | import
void register_submit(CLI::App& app, Chosen& chosen);    // submit
void register_promise(CLI::App& app, Chosen& chosen);   // promise verify | status
void register_reads(CLI::App& app, Chosen& chosen);     // get | query | watch | status, dossier | clearance |
                                                        // method | goods | results | catalog | alerts |
                                                        // enterprise | exceptions | statistics
void register_governance(CLI::App& app,
                         Chosen& chosen);  // governance matters | list | show | registry | propose | vote | …
void register_receipt(CLI::App& app, Chosen& chosen);   // receipt get | verify
void register_report(CLI::App& app, Chosen& chosen);    // report
void register_export(CLI::App& app, Chosen& chosen);    // export, export verify
void register_policy(CLI::App& app, Chosen& chosen);    // policy show
void register_scrub(CLI::App& app, Chosen& chosen);     // scrub
void register_backup(CLI::App& app, Chosen& chosen);    // backup, backup verify
void register_restore(CLI::App& app, Chosen& chosen);   // restore
void register_recover(CLI::App& app, Chosen& chosen);   // recover survey | plan | show | sign | seal | entries | open
void register_audit(CLI::App& app, Chosen& chosen);     // audit
void register_evidence(CLI::App& app, Chosen& chosen);  // evidence verify
void register_witness(CLI::App& app, Chosen& chosen);   // witness init | run
void register_generate(CLI::App& app, Chosen& chosen);  // generate
void register_bench(CLI::App& app, Chosen& chosen);     // bench

// Prints "socai: <detail>" and the reason to standard error, and gives the exit status.
Exit report(const Error& error);

}  // namespace socai::node::cli
