// socai witness init | run
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <toml++/toml.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>

#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/toml_section.hpp"
#include "node/witness/witness_server.hpp"

namespace socai::node::cli {
namespace {

struct WitnessArguments {
    std::string config;
    std::string listen = "127.0.0.1:7500";
    std::string policy;
    std::string key;
    std::string state;
    std::string folder;
    std::string name;
    std::string url;
    bool is_new = false;
};

constexpr std::size_t max_config_bytes = 65'536;

std::string quoted(const std::string& text) {
    std::ostringstream out;
    out << toml::toml_formatter(toml::value<std::string>(text), toml::format_flags::none);
    return out.str();
}

Result<WitnessListener> parse_listen(const std::string& listen) {
    const auto colon = listen.rfind(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    const bool digits =
        !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || colon == 0 || std::stoul(port) > 65'535)
        return Error{Exit::usage, "bad_listen",
                     "'" + listen + "' is not HOST:PORT, for example 127.0.0.1:7500"};
    return WitnessListener{listen.substr(0, colon), static_cast<std::uint16_t>(std::stoul(port))};
}

// The file's values; relative paths are relative to the file.
Result<void> take_config(WitnessArguments& arguments) {
    const auto text = read_file(arguments.config, max_config_bytes);
    if (!text) return text.error();
    TomlFaults faults(arguments.config);
    try {
        const toml::table file = toml::parse(*text, arguments.config);
        TomlSection section(&file, "the witness's configuration", faults);
        section.text("listen", arguments.listen, Presence::required);
        section.text("policy", arguments.policy, Presence::required);
        section.text("key", arguments.key, Presence::required);
        section.text("state", arguments.state, Presence::required);
        section.refuse_unknown_keys();
    } catch (const toml::parse_error& error) {
        faults.add(error.source().begin.line, "config_syntax",
                   "this is not TOML: " + std::string(error.description()));
    }
    const std::vector<Error> found = std::move(faults).take();
    if (!found.empty()) return found.front();
    const auto folder = std::filesystem::absolute(arguments.config).parent_path();
    for (std::string* path : {&arguments.policy, &arguments.key, &arguments.state})
        *path = (folder / *path).lexically_normal().string();
    return {};
}

Exit init(const WitnessArguments& arguments) {
    if (!ledger::is_key_name(arguments.name))
        return report({Exit::usage, "bad_witness_name",
                       "--name '" + arguments.name +
                           "' may hold neither spaces nor '+'; for example audit-court.example.vn"});
    const std::string config = arguments.folder + "/witness.toml";
    if (std::filesystem::exists(config))
        return report({Exit::usage, "file_exists", config + " is there already; choose another folder"});
    if (const auto listen = parse_listen(arguments.listen); !listen) return report(listen.error());
    if (const auto made = make_folder(arguments.folder + "/state", 0700); !made) return report(made.error());
    const ledger::Jwk key{arguments.name, ledger::KeyPair::generate()};
    if (const auto written = write_key_file(arguments.folder + "/witness.jwk", key); !written)
        return report(written.error());
    // Made now and never again: a witness that finds its state gone must not sign.
    const auto begun =
        Witness::open(arguments.folder + "/state", key, {}, true, [] { return std::int64_t{0}; });
    if (!begun) return report(begun.error());
    const std::string text =
        "# A witness outside the consortium: cosigns what extends what it cosigned, and keeps no copy.\n"
        "# Relative paths are relative to this file.\n"
        "listen = " +
        quoted(arguments.listen) +
        "\n"
        "# Whose heads it cosigns: the `log` lines of this C2SP tlog-policy.\n"
        "policy = \"ledger.policy\"\n"
        "key = \"witness.jwk\"\n"
        "# What it has cosigned. Never restored from a copy: a new key and a new name instead.\n"
        "state = \"state\"\n";
    if (const auto written = write_file(config, text, 0644); !written) return report(written.error());
    const std::string vkey = (*begun)->vkey().to_string();
    print_line("wrote " + config + " and the key; next: put the ledger's policy at " + arguments.folder +
               "/ledger.policy, then `socai witness run --config " + config + "`");
    print_line("for the members' policy   witness " + arguments.name + " " + vkey + " http://" +
               arguments.listen);
    print_line("for their configurations  [[witnesses]] name = " + quoted(arguments.name) +
               ", url = " + quoted("http://" + arguments.listen) + ", vkey = " + quoted(vkey));
    return Exit::done;
}

Exit run(WitnessArguments arguments) {
    if (!arguments.config.empty()) {
        if (const auto taken = take_config(arguments); !taken) return report(taken.error());
    } else if (arguments.policy.empty() || arguments.key.empty() || arguments.state.empty()) {
        return report({Exit::usage, "wrong_use",
                       "give --config, or --policy, --key and --state (see socai witness run --help)"});
    }
    ::prctl(PR_SET_DUMPABLE, 0);  // as node/run.cpp
    const auto listen = parse_listen(arguments.listen);
    if (!listen) return report(listen.error());
    const auto bytes = read_file(arguments.policy, ledger::max_policy_bytes);
    if (!bytes) return report(bytes.error());
    auto policy = ledger::parse_policy(*bytes);
    if (!policy)
        return report({Exit::usage, policy.error().reason, arguments.policy + ": " + policy.error().detail});
    const auto key = read_key_file(arguments.key);
    if (!key) return report(key.error());
    spdlog::set_default_logger(spdlog::stderr_logger_mt("socai"));
    spdlog::flush_on(spdlog::level::info);
    if (const auto made = make_folder(arguments.state, 0700); !made) return report(made.error());
    auto witness = Witness::open(arguments.state, *key, *std::move(policy), arguments.is_new, [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    });
    if (!witness) return report(witness.error());
    spdlog::info("witness {}", (*witness)->vkey().to_string());
    const auto served = serve_witness(**witness, *listen);
    return served ? Exit::done : report(served.error());
}

}  // namespace

void register_witness(CLI::App& app, Chosen& chosen) {
    auto* witness = app.add_subcommand("witness", "A witness outside the consortium (C2SP tlog-witness)");
    witness->require_subcommand(1);
    const auto arguments = std::make_shared<WitnessArguments>();

    auto* make = witness->add_subcommand("init", "Make a witness's key, state and configuration");
    make->add_option("--dir", arguments->folder, "Folder to make them in")->type_name("D")->required();
    make->add_option("--name", arguments->name, "The witness's name, as it will sign")
        ->type_name("N")
        ->required();
    make->add_option("--listen", arguments->listen, "Address that it will listen on")->capture_default_str();
    make->footer(
        "Example:\n  socai witness init --dir audit-court --name audit-court.example.vn --listen "
        "127.0.0.1:7500");
    make->callback([arguments, &chosen] { chosen.run = [arguments] { return init(*arguments); }; });

    auto* serve = witness->add_subcommand(
        "run", "Cosign heads of the policy's logs that extend what was cosigned, until SIGINT or SIGTERM");
    serve->add_option("--config", arguments->config, "witness.toml, instead of the options below")
        ->type_name("F");
    serve->add_option("--listen", arguments->listen, "HOST:PORT")->capture_default_str();
    serve
        ->add_option("--policy", arguments->policy, "C2SP tlog-policy; its logs are those that are witnessed")
        ->type_name("P");
    serve->add_option("--key", arguments->key, "JWK file; its kid is the witness's name")->type_name("K");
    serve->add_option("--state", arguments->state, "Folder of what was cosigned")->type_name("DIR");
    serve->add_flag("--new", arguments->is_new, "The key has never signed: begin its state");
    serve->footer(
        "Serves POST /add-checkpoint and GET /<hex SHA-256 of an origin>/checkpoint. Keeps no copy of the "
        "ledger.\n"
        "Example:\n  socai witness run --config audit-court/witness.toml");
    serve->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace socai::node::cli
