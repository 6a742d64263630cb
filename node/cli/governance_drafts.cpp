// `socai governance describe-member | describe-keys`: changes that an agency gives to whoever proposes them, from its own key files.
#include <boost/json/array.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ledger/syntax.hpp"
#include "node/cli/governance_acts.hpp"
#include "node/cli/output.hpp"
#include "node/client/key_ring.hpp"

namespace socai::node::cli {

namespace {

namespace json = boost::json;

struct Draft {
    std::string agency, name_vi, name_en;
    std::vector<std::string> roots, registrars;

    void add_keys_to(CLI::App& verb) {
        verb.add_option("--agency", agency, "Its code")->type_name("CODE")->required();
        verb.add_option("--root", roots, "Its root key, a JWK file; repeat it for several")
            ->type_name("F")
            ->required()
            ->allow_extra_args(false);
        verb.add_option("--registrar", registrars, "Its registrar key, a JWK file; repeat it for several")
            ->type_name("F")
            ->required()
            ->allow_extra_args(false);
    }
    // Nothing is asked of a node: what a member could not take is told here, before it is handed over.
    Result<json::array> keys() const {
        if (!ledger::is_agency_code(agency))
            return Error{Exit::usage, "wrong_use",
                         "--agency " + agency + " is no code of an agency: a-z, 0-9, '-' and '.', such as moh"};
        std::set<std::string> kids;
        std::set<std::string> publics;
        json::array all;
        for (const auto& [files, purpose] : {std::pair{&roots, "root"}, std::pair{&registrars, "registrar"}})
            for (const std::string& file : *files) {
                auto key = key_member(file, purpose, std::nullopt, std::nullopt);
                if (!key) return key.error();
                const std::string kid(key->at("kid").as_string());
                if (client::agency_of(kid) != agency)
                    return Error{Exit::usage, "wrong_use", file + " is the key " + kid + ", and no key of " + agency};
                if (!kids.insert(kid).second || !publics.insert(std::string(key->at("x").as_string())).second)
                    return Error{Exit::usage, "wrong_use", file + " is given twice; every key has its own name and bytes"};
                all.push_back(*std::move(key));
            }
        return all;
    }
};

}  // namespace

void register_governance_drafts(CLI::App& governance, Chosen& chosen) {
    const auto joining = std::make_shared<Draft>();
    auto* member = governance.add_subcommand("describe-member",
                                             "Print the change that proposes an agency as a member: its names and public keys");
    joining->add_keys_to(*member);
    member->add_option("--name-vi", joining->name_vi, "Its name in Vietnamese")->required();
    member->add_option("--name-en", joining->name_en, "Its name in English")->required();
    member->footer(
        "Private keys are not printed. Give it to a member, who proposes it.\nExample:\n"
        "  socai key new --kid moh/root --out root.jwk && socai key new --kid moh/registrar --out registrar.jwk\n"
        "  socai governance describe-member --agency moh --name-vi 'Bộ Y tế' --name-en 'Ministry of Health' \\\n"
        "    --root root.jwk --registrar registrar.jwk >moh.json\n"
        "  socai governance propose member_addition --title 'Bộ Y tế' --change @moh.json --key their-registrar.jwk --dir "
        "/tmp/socai");
    member->callback([joining, &chosen] {
        chosen.run = [joining] {
            auto keys = joining->keys();
            if (!keys) return report(keys.error());
            print_json(json::object{
                {"member", {{"code", joining->agency}, {"name_vi", joining->name_vi}, {"name_en", joining->name_en}}},
                {"keys", *std::move(keys)}});
            return Exit::done;
        };
    });

    const auto replacing = std::make_shared<Draft>();
    auto* roots = governance.add_subcommand(
        "describe-keys", "Print the change that gives a member new root and registrar keys, after it lost its own");
    replacing->add_keys_to(*roots);
    roots->footer(
        "All its root and registrar keys of before end when the vote passes. Private keys are not printed.\nExample:\n"
        "  socai governance describe-keys --agency moit --root root-2.jwk --registrar registrar-2.jwk >moit.json\n"
        "  socai governance propose root_keys --title 'moit: khóa mới' --change @moit.json --key their-registrar.jwk --dir "
        "/tmp/socai");
    roots->callback([replacing, &chosen] {
        chosen.run = [replacing] {
            auto keys = replacing->keys();
            if (!keys) return report(keys.error());
            print_json(json::object{{"agency", replacing->agency}, {"keys", *std::move(keys)}});
            return Exit::done;
        };
    });
}

}  // namespace socai::node::cli
