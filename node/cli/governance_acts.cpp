#include "node/cli/governance_acts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <memory>

#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"
#include "node/client/key_ring.hpp"
#include "node/client/text_file.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// JSON text, or @FILE.
Result<json::object> change_in(const std::string& text) {
    std::string content = text;
    if (text.starts_with('@')) {
        auto file = client::read_text_file(text.substr(1));
        if (!file) return file.error();
        content = *std::move(file);
    }
    const auto value = ledger::parse_ijson(content);
    if (!value)
        return Error{Exit::usage, "wrong_use",
                     "--change is no JSON: " + value.error().detail + "; write an object, or @FILE"};
    if (!value->is_object())
        return Error{Exit::usage, "wrong_use", "--change must be an object, as docs/governance.md shows"};
    return value->get_object();
}

}  // namespace

void ActOptions::add_to(CLI::App& verb, const std::string& key_help) {
    target.add_to(verb, "Print the answer as JSON");
    verb.add_option("--key", key, key_help)->type_name("F")->required();
    verb.add_option("--source", source, "Agency that acts; the key's own unless given")->type_name("CODE");
    verb.add_option("--id", id, "Id of the record; made from kind and time unless given");
    verb.add_flag("--dry-run", dry_run, "Print the record that would be signed, and submit nothing");
}

Result<json::object> key_member(const std::string& file, const std::string& purpose,
                                std::optional<std::uint64_t> from, std::optional<std::uint64_t> to) {
    const auto jwk = read_key_file(file);
    if (!jwk) return jwk.error();
    json::object key{{"kid", jwk->kid}, {"purpose", purpose}, {"kty", "OKP"}, {"crv", "Ed25519"}};
    key["x"] = ledger::key_text(jwk->key.public_key());
    key["valid_from"] = from ? json::value(*from) : json::value(nullptr);
    key["valid_to"] = to ? json::value(*to) : json::value(nullptr);
    return key;
}

Result<About> parse_about(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == text.size())
        return Error{
            Exit::usage, "wrong_use",
            "name a proposal as MEMBER/ID, such as customs/proposal-1; socai governance list shows them"};
    return About{text.substr(0, slash), text.substr(slash + 1)};
}

Exit act(const ActOptions& options, std::string_view kind, std::string_view subject, json::object data,
         const std::optional<About>& about) {
    const auto key = read_key_file(options.key);
    if (!key) return report(key.error());
    const std::int64_t time_ms = now_ms();
    const std::string source =
        options.source.empty() ? std::string(client::agency_of(key->kid)) : options.source;
    json::array refs;
    if (about) refs.push_back(json::object{{"rel", "about"}, {"source", about->source}, {"id", about->id}});
    data["refs"] = std::move(refs);
    json::object record{{"specversion", "1.0"}};
    record["id"] = options.id.empty() ? std::string(kind) + "-" + std::to_string(time_ms) : options.id;
    record["source"] = source;
    record["type"] = "vn.socai." + std::string(kind) + ".v1";
    record["subject"] = subject;
    record["time"] = ledger::format_rfc3339(time_ms);
    record["datacontenttype"] = "application/json";
    record["data"] = std::move(data);
    if (options.dry_run) {
        print_pretty(record);
        return Exit::done;
    }

    const auto endpoints = options.target.endpoints();
    if (!endpoints) return report(endpoints.error());
    client::RpcClient client(*endpoints, options.target.timeouts());
    const auto status = ask(client, "node.status", {});
    if (!status) return report(status.error());
    const std::string origin = text_of(*status, "origin");
    const std::string statement = ledger::sign_statement(*key, origin, json::serialize(record), false);
    const auto answer =
        ask(client, "ledger.submit",
            {{"statement", statement}, {"wait", "committed"}, {"timeout_ms", options.target.timeout_ms}});
    if (!answer) return report(answer.error());
    const auto results = objects_in(*answer, "results");
    if (results.empty())
        return report({Exit::unreachable, "bad_answer", "the node answered ledger.submit without a result"});
    if (options.target.json) {
        print_json(json::object{{"source", source}, {"id", record["id"]}, {"result", results.front()}});
        return Exit::done;
    }
    print_line(std::string(kind) + " " + source + "/" + std::string(record["id"].as_string()) +
               " stands at leaf " + text_of(results.front(), "index"));
    return Exit::done;
}

Exit propose(const ActOptions& options, std::string_view matter, std::string_view title, json::object change,
             std::int64_t open_days) {
    return act(options, "proposal", title.substr(0, ledger::max_business_number_bytes),
               {{"title", title},
                {"matter", matter},
                {"change", std::move(change)},
                {"closes", ledger::format_rfc3339(now_ms() + open_days * day_ms)}});
}

namespace {

struct Propose {
    ActOptions act;
    std::string matter, title, change;
    std::vector<std::string> legal_basis;
    std::int64_t days = standard_open_days;
};
struct Vote {
    ActOptions act;
    std::string proposal, vote, reason;
};
struct KeyAct {
    ActOptions act;
    std::string file, kid, purpose = "record", reason;
    std::optional<std::uint64_t> from, to;
};
struct AgencyAct {
    ActOptions act;
    std::string code, parent, name_vi, name_en;
    std::vector<std::string> roles;
    bool no_roles = false;
};
struct DelegationAct {
    ActOptions act;
    std::string delegate, of;
    bool end = false;
};

void register_propose(CLI::App& governance, Chosen& chosen) {
    const auto given = std::make_shared<Propose>();
    auto* verb = governance.add_subcommand("propose", "Propose a change to the members");
    verb->add_option("matter", given->matter, "What it is over: socai governance matters lists them")
        ->required();
    verb->add_option("--title", given->title, "What it is, for people")->required();
    verb->add_option("--change", given->change,
                     "The change as JSON, or @FILE; docs/governance.md shows one for each matter")
        ->type_name("JSON")
        ->required();
    verb->add_option("--legal-basis", given->legal_basis, "What allows it, of a withdrawal: put into the change; may be given several times")
        ->type_name("T")
        ->allow_extra_args(false);
    verb->add_option("--days", given->days, "How long it is open for votes")
        ->check(CLI::Range(std::int64_t{1}, max_open_days))
        ->capture_default_str();
    given->act.add_to(*verb);
    verb->footer(
        "Example:\n  socai governance propose hold --title 'Tạm dừng' --change "
        "'{\"agency\":\"most.qlcl\",\"held\":true}' "
        "--key registrar.jwk --dir /tmp/socai");
    verb->callback([given, &chosen] {
        chosen.run = [given] {
            auto change = change_in(given->change);
            if (!change) return report(change.error());
            if (!given->legal_basis.empty()) {
                json::array basis;
                for (const std::string& each : given->legal_basis) basis.emplace_back(each);
                (*change)["legal_basis"] = std::move(basis);
            }
            return propose(given->act, given->matter, given->title, *std::move(change), given->days);
        };
    });
}

void register_vote(CLI::App& governance, Chosen& chosen) {
    const auto given = std::make_shared<Vote>();
    auto* verb = governance.add_subcommand("vote", "Vote on a proposal, once");
    verb->add_option("proposal", given->proposal, "MEMBER/ID")->required();
    verb->add_option("vote", given->vote, "yes or no")->required()->check(CLI::IsMember({"yes", "no"}));
    verb->add_option("--reason", given->reason, "Why, for the record");
    given->act.add_to(*verb);
    verb->footer(
        "Example:\n  socai governance vote customs/proposal-1 yes --key registrar.jwk --dir /tmp/socai");
    verb->callback([given, &chosen] {
        chosen.run = [given] {
            const auto about = parse_about(given->proposal);
            if (!about) return report(about.error());
            return act(given->act, "ballot", about->id, {{"vote", given->vote}, {"reason", given->reason}},
                       *about);
        };
    });

    const auto taken = std::make_shared<Vote>();
    auto* withdraw =
        governance.add_subcommand("withdraw", "Take a proposal of your own back while it is open");
    withdraw->add_option("proposal", taken->proposal, "MEMBER/ID")->required();
    withdraw->add_option("--reason", taken->reason, "Why")->required();
    taken->act.add_to(*withdraw);
    withdraw->footer(
        "Example:\n  socai governance withdraw customs/proposal-1 --reason 'Sẽ đề xuất lại' --key "
        "registrar.jwk "
        "--dir /tmp/socai");
    withdraw->callback([taken, &chosen] {
        chosen.run = [taken] {
            const auto about = parse_about(taken->proposal);
            if (!about) return report(about.error());
            return act(taken->act, "proposal_withdrawal", about->id, {{"reason", taken->reason}}, *about);
        };
    });
}

void register_keys(CLI::App& governance, Chosen& chosen) {
    const auto given = std::make_shared<KeyAct>();
    auto* verb =
        governance.add_subcommand("register-key", "Register a key of your agency, or of one below it");
    verb->add_option("file", given->file, "The new key (JWK); only its public half enters the ledger")
        ->required();
    verb->add_option("--purpose", given->purpose, "What it may sign")
        ->check(CLI::IsMember({"record", "registrar", "root", "auditor"}))
        ->capture_default_str();
    verb->add_option("--from", given->from, "First leaf that it may sign; the next one unless given")
        ->type_name("LEAF");
    verb->add_option("--until", given->to, "First leaf that it may sign no more; none unless given")
        ->type_name("LEAF");
    given->act.add_to(*verb);
    verb->footer(
        "A new key and the old one are both valid until the old one is revoked.\nExample:\n"
        "  socai key new --kid most/record-2 --out record-2.jwk\n"
        "  socai governance register-key record-2.jwk --key registrar.jwk --dir /tmp/socai");
    verb->callback([given, &chosen] {
        chosen.run = [given] {
            auto key = key_member(given->file, given->purpose, given->from, given->to);
            if (!key) return report(key.error());
            const std::string kid(key->at("kid").as_string());
            return act(given->act, "agency_key", kid, *std::move(key));
        };
    });

    const auto ended = std::make_shared<KeyAct>();
    auto* revoke = governance.add_subcommand("revoke-key",
                                             "End a key: what it signed stays valid, it signs nothing more");
    revoke->add_option("kid", ended->kid, "AGENCY/NAME")->required();
    revoke->add_option("--reason", ended->reason, "Why, for the record")->required();
    revoke
        ->add_option("--from", ended->from, "First leaf that it may sign no more; the next one unless given")
        ->type_name("LEAF");
    ended->act.add_to(*revoke);
    revoke->footer(
        "Example:\n  socai governance revoke-key most/record-1 --reason 'stolen' --key registrar.jwk --dir "
        "/tmp/socai");
    revoke->callback([ended, &chosen] {
        chosen.run = [ended] {
            return act(ended->act, "key_revocation", ended->kid,
                       {{"kid", ended->kid},
                        {"from", ended->from ? json::value(*ended->from) : json::value(nullptr)},
                        {"reason", ended->reason}});
        };
    });
}

// As the registry has it; empty: it is not registered yet.
Result<json::object> registered_agency(const Target& target, const std::string& code) {
    const auto endpoints = target.endpoints();
    if (!endpoints) return endpoints.error();
    client::RpcClient client(*endpoints, target.timeouts());
    auto agencies = ask_registry(client, {{"agency", code}, {"read", "linearizable"}});
    if (!agencies && agencies.error().reason == "unknown_agency") return json::object();
    if (!agencies) return agencies.error();
    for (json::object& agency : *agencies)
        if (text_of(agency, "code") == code) return std::move(agency);
    return json::object();
}

// What is not given stays as it is: new names take nothing away.
Result<json::object> registration(const AgencyAct& given) {
    const auto before = registered_agency(given.act.target, given.code);
    if (!before) return before.error();
    const auto standing = [&](std::string_view name, json::value otherwise) {
        const json::value* value = before->if_contains(name);
        return value != nullptr ? *value : std::move(otherwise);
    };
    json::array roles;
    for (const std::string& role : given.roles) roles.emplace_back(role);
    const bool keeps_roles = given.roles.empty() && !given.no_roles;
    return json::object{{"code", given.code},
                        {"parent", given.parent.empty() ? standing("parent", nullptr) : json::value(given.parent)},
                        {"roles", keeps_roles ? standing("roles", json::array()) : json::value(std::move(roles))},
                        {"name_vi", given.name_vi},
                        {"name_en", given.name_en}};
}

void register_agencies(CLI::App& governance, Chosen& chosen) {
    const auto given = std::make_shared<AgencyAct>();
    auto* verb = governance.add_subcommand(
        "register-agency", "Register an office, body or trader below yours, or change its names");
    verb->add_option("code", given->code, "Its code, which never changes")->required();
    verb->add_option("--parent", given->parent, "The agency above it; unless given, of one that is registered as it is")
        ->type_name("CODE");
    auto* role = verb->add_option("--role", given->roles,
                                  "All its roles, one each time; unless given, of one that is registered as they are")
                     ->type_name("ROLE")
                     ->allow_extra_args(false);
    verb->add_flag("--no-roles", given->no_roles, "It has none, or no longer any")->excludes(role);
    verb->add_option("--name-vi", given->name_vi, "Its name in Vietnamese")->required();
    verb->add_option("--name-en", given->name_en, "Its name in English")->required();
    given->act.add_to(*verb);
    verb->footer(
        "Example:\n  socai governance register-agency customs.hue --parent customs --role customs_office "
        "--name-vi 'Hải quan Huế' "
        "--name-en 'Hue Customs' --key registrar.jwk --dir /tmp/socai");
    verb->callback([given, &chosen] {
        chosen.run = [given] {
            auto data = registration(*given);
            if (!data) return report(data.error());
            return act(given->act, "agency_registration", given->code, *std::move(data));
        };
    });

    const auto delegation = std::make_shared<DelegationAct>();
    auto* delegate = governance.add_subcommand(
        "delegate", "Let another agency sign for a source below yours, or end that");
    delegate->add_option("delegate", delegation->delegate, "Who may sign")->required();
    delegate->add_option("source", delegation->of, "For whom")->required();
    delegate->add_flag("--end", delegation->end, "It may no longer");
    delegation->act.add_to(*delegate);
    delegate->footer(
        "Example:\n  socai governance delegate customs.nsw importer.9900000016 --key registrar.jwk --dir "
        "/tmp/socai");
    delegate->callback([delegation, &chosen] {
        chosen.run = [delegation] {
            return act(delegation->act, "delegation", delegation->of,
                       {{"delegate", delegation->delegate},
                        {"source", delegation->of},
                        {"status", delegation->end ? "ended" : "granted"}});
        };
    });
}

}  // namespace

void register_governance_acts(CLI::App& governance, Chosen& chosen) {
    register_propose(governance, chosen);
    register_vote(governance, chosen);
    register_keys(governance, chosen);
    register_agencies(governance, chosen);
}

}  // namespace socai::node::cli
