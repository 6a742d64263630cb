// socai disclosures show | export | import
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>
#include <memory>

#include "node/bootstrap.hpp"
#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/cli/sign_in_options.hpp"
#include "node/cli/target.hpp"
#include "node/client/disclosure_file.hpp"
#include "node/client/rpc_client.hpp"
#include "node/config.hpp"
#include "storage/disclosure_store.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

struct ShowArguments {
    Target target;
    SignInOptions who;
    Freshness freshness;
    std::string source, id;
};
struct FolderArguments {
    std::string config;
    std::string file;
};

Exit show(const ShowArguments& arguments) {
    json::object params{{"source", arguments.source}, {"id", arguments.id}};
    const auto endpoints = arguments.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    arguments.freshness.add_to(params, arguments.target);
    const auto sign_in = arguments.who.read(arguments.target.dir);
    if (!sign_in) return report(sign_in.error());
    client::RpcClient client(*endpoints, arguments.target.timeouts(), *sign_in);
    const auto answer = ask(client, "ledger.disclosures", params);
    if (!answer) return report(answer.error());
    if (arguments.target.json) {
        print_json(*answer);
        return Exit::done;
    }
    const auto members = objects_in(*answer, "members");
    if (members.empty()) std::fputs("socai: the record keeps nothing confidential\n", stderr);
    for (const json::object& member : members) {
        const std::string status = text_of(member, "status");
        if (status == "disclosed")
            print_line(client::printable(text_of(member, "name")) + "  " +
                       client::printable(json::serialize(member.at("value"))));
        else
            print_line(client::printable(status) + "  " + client::printable(text_of(member, "commitment")) +
                       (status == "withheld" ? "  " + client::printable(text_of(member, "why")) : std::string()));
    }
    if (const auto* erasure = answer->if_contains("erasure"); erasure != nullptr && erasure->is_object())
        print_line("erased by " + client::printable(text_of(erasure->get_object(), "id")) + " of " +
                   client::printable(text_of(erasure->get_object(), "source")) + ": " +
                   client::printable(json::serialize(erasure->get_object().at("legal_basis"))));
    return Exit::done;
}

Result<std::unique_ptr<storage::DisclosureStore>> open_store(const std::string& config_file) {
    const ConfigReading reading = read_config(config_file);
    if (!reading.faults.empty()) return reading.faults.front();
    const Config& config = reading.config;
    const auto genesis = read_genesis(config);
    if (!genesis) return genesis.error();
    auto store =
        storage::DisclosureStore::open(config.data, {genesis->genesis.origin, config.node, config.genesis_hash});
    if (!store) return Error{Exit::no, store.error().reason, store.error().detail};
    return *std::move(store);
}

Exit export_all(const FolderArguments& arguments) {
    const auto store = open_store(arguments.config);
    if (!store) return report(store.error());
    std::vector<client::FiledDisclosure> all;
    const auto scanned = (*store)->scan([&](const storage::ToldFor& told, std::int64_t) {
        if (auto disclosure = ledger::parse_disclosure(told.disclosure))
            all.push_back({told.source, told.id, *std::move(disclosure)});
        return true;
    });
    if (!scanned) return report({Exit::no, scanned.error().reason, scanned.error().detail});
    if (const auto written = client::write_disclosure_file(arguments.file, all); !written)
        return report(written.error());
    print_line(std::to_string(all.size()) + " confidential members written to " +
               client::printable(arguments.file));
    return Exit::done;
}

// What was erased, or is of no record of the ledger, goes while the node runs.
Exit import_all(const FolderArguments& arguments) {
    const auto filed = client::read_disclosure_file(arguments.file);
    if (!filed) return report(filed.error());
    std::vector<storage::ToldFor> told;
    for (const client::FiledDisclosure& each : *filed) {
        if (each.source.empty())
            return report({Exit::usage, "malformed_disclosure",
                           arguments.file + " does not say whose they are; import takes what export wrote"});
        told.push_back({each.source, each.id, each.disclosure.digest, each.disclosure.text});
    }
    const auto store = open_store(arguments.config);
    if (!store) return report(store.error());
    const auto before = (*store)->size().count;
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    if (const auto added = (*store)->add(told, now_ms); !added)
        return report({Exit::no, added.error().reason, added.error().detail});
    print_line(std::to_string((*store)->size().count - before) + " confidential members taken, " +
               std::to_string(told.size()) + " in the file");
    return Exit::done;
}

CLI::App* add_folder_verb(CLI::App& app, const std::string& name, const std::string& summary,
                          const std::shared_ptr<FolderArguments>& arguments) {
    auto* verb = app.add_subcommand(name, summary);
    verb->add_option("--config", arguments->config, "The node's configuration")->type_name("F")->required();
    verb->add_option("file", arguments->file, "One disclosure a line")->type_name("FILE")->required();
    return verb;
}

}  // namespace

void register_disclosures(CLI::App& app, Chosen& chosen) {
    auto* group = app.add_subcommand("disclosures", "Confidential members: read them, copy them, bring them back");
    group->require_subcommand(1);

    const auto shown = std::make_shared<ShowArguments>();
    auto* show_verb = group->add_subcommand("show", "The confidential members of a record, as far as you may have them");
    shown->target.add_to(*show_verb, "Print the node's answer as JSON");
    shown->who.add_to(*show_verb);
    shown->freshness.add_to(*show_verb);
    show_verb->add_option("source", shown->source, "Who issued the record")->type_name("SOURCE")->required();
    show_verb->add_option("id", shown->id, "Its id")->type_name("ID")->required();
    show_verb->callback([shown, &chosen] { chosen.run = [shown] { return show(*shown); }; });

    const auto out = std::make_shared<FolderArguments>();
    add_folder_verb(*group, "export", "Write what a stopped node holds to a file: its own backup, apart from the ledger's", out)
        ->callback([out, &chosen] { chosen.run = [out] { return export_all(*out); }; });
    const auto in = std::make_shared<FolderArguments>();
    add_folder_verb(*group, "import", "Bring such a file back into a stopped node; what was erased goes once it runs", in)
        ->callback([in, &chosen] { chosen.run = [in] { return import_all(*in); }; });
    group->footer(
        "A backup of a node holds none of these. Delete exported files when an erasure asks for it: the ledger cannot\n"
        "reach them.\n"
        "Example:\n"
        "  socai disclosures show --dir /tmp/socai --as most most.dost-hcm hk-2022-008");
}

}  // namespace socai::node::cli
