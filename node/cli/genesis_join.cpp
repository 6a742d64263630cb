#include "node/cli/genesis_join.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/cli/genesis_report.hpp"
#include "node/cli/output.hpp"
#include "node/cluster/registry_file.hpp"
#include "node/files.hpp"
#include "node/founding/part_maker.hpp"

namespace socai::node::cli {
namespace {

namespace fs = std::filesystem;

struct JoinArguments {
    std::string origin, agency, name_vi, name_en, registry, keys, out;
    std::vector<std::string> nodes, rights, own_rights;
    bool auditor = false;
    bool json = false;
};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

// The agency as the options name it, where --registry does not list it.
Result<ledger::Registry> agencies_of(const JoinArguments& arguments) {
    const bool named = !arguments.name_vi.empty() && !arguments.name_en.empty();
    std::optional<ledger::Agency> top;
    if (named)
        top = ledger::Agency{arguments.agency,
                             std::nullopt,
                             {std::string(ledger::member_role)},
                             arguments.name_vi,
                             arguments.name_en};
    ledger::Registry registry;
    if (!arguments.registry.empty()) {
        auto file = cluster::read_registry_file(arguments.registry, top);
        if (!file) return file.error();
        registry = std::move(file->registry);
    } else if (top) {
        if (const auto added = registry.add_agency(*top); !added)
            return Error{Exit::usage, added.error().reason, added.error().detail};
    }
    if (registry.agency(arguments.agency) == nullptr)
        return Error{Exit::usage, "wrong_use",
                     "what is " + arguments.agency +
                         " called? Give --name-vi and --name-en, or a --registry that lists it"};
    return founding::branch_of(registry, arguments.agency);
}

Result<founding::Party> party_of(const JoinArguments& arguments) {
    auto agencies = agencies_of(arguments);
    if (!agencies) return agencies.error();
    founding::Party party{arguments.origin, arguments.agency,     *std::move(agencies), {},
                          arguments.rights, arguments.own_rights, arguments.auditor};
    for (const std::string& node : arguments.nodes) {
        const std::size_t colon = node.find(':');
        party.nodes.push_back(
            {node.substr(0, colon), colon == std::string::npos ? "" : node.substr(colon + 1)});
    }
    return party;
}

// What was made from these keys before; empty at the first time. A folder of keys is of one member and one ledger.
Result<std::string> known_part(const JoinArguments& arguments, const std::string& file) {
    if (!exists(file)) return std::string();
    const auto part = founding::read_part_file(file);
    if (!part) return part.error();
    if (part->origin != arguments.origin || part->consent.agency != arguments.agency)
        return Error{Exit::usage, "different_options",
                     arguments.keys + " holds the keys of " + part->consent.agency + " for the ledger " +
                         part->origin + "; give --keys another folder: no key serves two ledgers"};
    return ledger::part_text(*part);
}

void tell_joined(const JoinArguments& arguments, const ledger::GenesisPart& part,
                 const founding::KeyPlaces& places) {
    const std::string root = places.of_agency(part.consent.agency, ledger::KeyPurpose::root);
    print_part(part);
    print_line("\nPrivate keys, on this machine alone:");
    for (const auto& [kid, key] : part.registry.keys()) {
        const std::string file = places.of_agency(key.agency, key.purpose);
        print_line("  " + kid + "  " + (exists(file) ? file : "offline"));
    }
    for (const ledger::GenesisNode& node : part.nodes)
        print_line("  keys of " + node.name + "  " +
                   fs::path(places.of_node(node.name, "log")).parent_path().string());
    print_line("\nWrote " + arguments.out + ", signed. Next:");
    print_line("  - Send " + arguments.out + " to whoever puts the genesis together. It holds no secret.");
    if (exists(root))
        print_line("  - Copy " + root +
                   " to two media that are kept apart and offline, then delete it here.");
    print_line("  - When the genesis comes back: socai genesis verify genesis --part " + arguments.out);
}

Exit join(const JoinArguments& arguments) {
    const auto party = party_of(arguments);
    if (!party) return report(party.error());
    if (const auto made = make_folder(arguments.keys, 0700); !made) return report(made.error());
    const std::string kept = arguments.keys + "/part";
    const auto known = known_part(arguments, kept);
    if (!known) return report(known.error());
    const founding::KeyPlaces places = founding::places_in(arguments.keys);
    const auto text = founding::make_part(*party, places, *known, now_ms());
    if (!text) return report(text.error());
    if (const auto written = write_file(kept, *text + "\n", 0600); !written) return report(written.error());
    if (const auto written = write_file(arguments.out, *text + "\n", 0644); !written)
        return report(written.error());
    const auto part = ledger::parse_part(*text).value();
    if (arguments.json)
        print_json(part_report(part));
    else
        tell_joined(arguments, part, places);
    if (!known->empty() && *known != *text)
        std::fprintf(
            stderr,
            "socai: this part is another than the one before; send it again to all who have that one\n");
    return Exit::done;
}

}  // namespace

void register_genesis_join(CLI::App& genesis, Chosen& chosen) {
    const auto arguments = std::make_shared<JoinArguments>();
    auto* verb =
        genesis.add_subcommand("join", "Make this agency's keys and its signed part; safe to repeat");
    verb->add_option("--origin", arguments->origin, "The ledger's name, as all members agreed")->required();
    verb->add_option("--agency", arguments->agency, "Code of the member agency")->required();
    verb->add_option("--name-vi", arguments->name_vi, "Its name in Vietnamese");
    verb->add_option("--name-en", arguments->name_en, "Its name in English");
    verb->add_option("--registry", arguments->registry,
                     "The agencies below it (JSON, as data/genesis_registry.json); it may list others, which "
                     "are left out")
        ->type_name("F");
    verb->add_option("--node", arguments->nodes,
                     "A node that it runs, and where the others reach it: NAME or NAME:HOST:PORT; repeat it")
        ->type_name("NODE")
        ->allow_extra_args(false);
    verb->add_option("--right", arguments->rights, "A right of all its record keys, e.g. historical_import")
        ->type_name("R")
        ->allow_extra_args(false);
    verb->add_option("--own-right", arguments->own_rights,
                     "A right of the agency's own record key, e.g. policy")
        ->type_name("R")
        ->allow_extra_args(false);
    verb->add_flag("--auditor", arguments->auditor, "Make a key too by which an auditor signs in");
    verb->add_option("--keys", arguments->keys, "Folder for the private keys, of this ledger alone")
        ->type_name("DIR")
        ->required();
    verb->add_option("--out", arguments->out, "The part, for whoever puts the genesis together")
        ->type_name("F")
        ->required();
    verb->add_flag("--json", arguments->json, "Print the part as JSON");
    verb->footer(
        "Example:\n"
        "  socai genesis join --origin ledger.example.vn/ktcn --agency most \\\n"
        "    --name-vi 'Bộ Khoa học và Công nghệ' --name-en 'Ministry of Science and Technology' \\\n"
        "    --registry agencies.json --node most-1:10.20.1.11:7402 --keys /var/lib/socai/keys --out "
        "most.part\n"
        "Private keys never leave this machine. root.jwk is then taken offline; record/ is for `socai submit "
        "--keys`.");
    verb->callback([arguments, &chosen] { chosen.run = [arguments] { return join(*arguments); }; });
}

}  // namespace socai::node::cli
