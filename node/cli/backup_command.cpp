// socai backup, socai backup verify
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/cli/trust_options.hpp"
#include "node/client/progress.hpp"
#include "node/client/rpc_client.hpp"
#include "node/config.hpp"
#include "node/key_file.hpp"
#include "node/restored.hpp"
#include "storage/log_database.hpp"
#include "storage/log_store.hpp"
#include "storage/outbox_store.hpp"
#include "storage/state_database.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct BackupArguments {
    TrustOptions trust;
    std::string config;
    std::string to;
    std::string data;
    std::string out;
    std::string folder;  // of `verify`
    bool json = false;
};

constexpr auto between_looks = 100ms;

// Draws a line on a terminal; nothing else.
class Meter {
  public:
    Meter(std::string label, bool json) : label_(std::move(label)), shown_(error_is_terminal() && !json) {}
    bool operator()(std::uint64_t done, std::uint64_t of) {
        if (!progress_ && of > 0) progress_.emplace(label_, of, shown_);
        if (progress_) progress_->update(std::min(done, of));
        return true;
    }

  private:
    std::string label_;
    bool shown_;
    std::optional<client::Progress> progress_;
};

struct Made {
    std::uint64_t size = 0;
    std::uint64_t bytes = 0;
    std::uint64_t promises_waiting = 0;
    std::string root;
};

void tell_made(const std::string& folder, const Made& made, bool as_json) {
    if (as_json) {
        print_json(json::object{{"folder", folder},
                                {"size", made.size},
                                {"bytes", made.bytes},
                                {"root", made.root},
                                {"promises_waiting", made.promises_waiting}});
        return;
    }
    print_line("backed up " + std::to_string(made.size) + " leaves (" + std::to_string(made.bytes >> 10U) +
               " KiB) to " + folder + "; `socai backup verify " + folder + "` reads all of it again");
    if (made.promises_waiting > 0)
        print_line(
            "warning: " + std::to_string(made.promises_waiting) +
            " statements that this node has promised to bring in are not in the ledger yet, so not in the "
            "backup; only the node's outbox holds them");
}

Result<json::object> ask(client::RpcClient& client, std::string_view method, const json::object& params) {
    const auto answer = client.call(method, params);
    if (!answer) return client::to_error(answer.error());
    if (!answer->is_object())
        return Error{Exit::unreachable, "bad_answer",
                     client.endpoint().url() + ": the answer is not understood"};
    return answer->get_object();
}

std::uint64_t figure(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    json::error_code error;
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

Exit backup_running(const client::Endpoint& endpoint, const BackupArguments& arguments) {
    const std::string folder = std::filesystem::absolute(arguments.out).lexically_normal().string();
    client::RpcClient client({endpoint});
    const auto begun = ask(client, "node.backup", {{"folder", folder}});
    if (!begun) return report(begun.error());
    Meter meter("backup", arguments.json);
    while (true) {
        const auto status = ask(client, "node.status", {});
        if (!status) return report(status.error());
        const json::value* value = status->if_contains("backup");
        if (value == nullptr || !value->is_object())
            return report({Exit::unreachable, "bad_answer", endpoint.url() + " does not tell of its backup; ask on the node's own machine"});
        const json::object& backup = value->get_object();
        if (text_of(backup, "folder") != folder)
            return report(
                {Exit::no, "backup_running", "another backup began meanwhile; give the command again"});
        if (const json::value* error = backup.if_contains("error"); error != nullptr && error->is_object())
            return report(
                {Exit::no, text_of(error->get_object(), "reason"), text_of(error->get_object(), "detail")});
        if (text_of(backup, "running") != "true") {
            tell_made(folder,
                      {figure(backup, "size"), figure(backup, "bytes"), figure(backup, "promises_waiting"),
                       text_of(backup, "root")},
                      arguments.json);
            return Exit::done;
        }
        meter(figure(backup, "done"), figure(backup, "of"));
        std::this_thread::sleep_for(between_looks);
    }
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// How many statements wait in the outbox of a stopped node; a folder without one never promised any.
storage::Result<std::uint64_t> promises_in(const std::string& data, const storage::Identity& identity) {
    if (!storage::database_exists(data + "/outbox")) return std::uint64_t{0};
    auto outbox = storage::OutboxStore::open(data, identity);
    if (!outbox) return outbox.error();
    return (*outbox)->take_waiting().size();
}

// The state of a node that was killed lags behind its log, and only a node applies entries.
storage::Result<void> check_state(const std::string& data, const storage::Identity& identity,
                                  consensus::Index commit) {
    consensus::Index applied;
    if (storage::database_exists(data + "/state")) {
        const auto state = storage::StateDatabase::look(data + "/state", identity);
        if (!state) return state.error();
        const auto position = (*state)->position();
        if (!position) return position.error();
        applied = position->raft_index;
    }
    if (applied >= commit) return {};
    return storage::Error{"state_behind",
                          "The node did not stop in order: its state lacks the last " +
                              std::to_string(commit.value - applied.value) +
                              " committed entries of its log, so a backup of it would be older "
                              "than its ledger. Start the node, and back it up while it runs, or "
                              "stop it in order first."};
}

// Opened as a start opens it: a torn tail is cut, damage of the log is repaired as far as it goes. The state is only
// looked at before: what is damaged in it is left for the next start.
storage::Result<storage::BackupManifest> back_up_folder(const std::string& data, const std::string& out,
                                                        const storage::BackupProgress& progress) {
    std::error_code failure;
    if (!std::filesystem::is_directory(data, failure))
        return storage::Error{"io_error", "There is no folder " + data + ". Give the data folder of a node."};
    if (const auto fine = storage::check_backup_folder(out, data); !fine) return fine.error();
    auto identity = storage::LogDatabase::owner_of(data + "/log");
    if (!identity) return identity.error();
    auto log = storage::LogStore::open(data, *identity);
    if (!log) return log.error();
    if (const auto current = check_state(data, *identity, (*log)->start().commit); !current)
        return current.error();
    const auto waiting = promises_in(data, *identity);
    if (!waiting) return waiting.error();
    auto state = storage::StateDatabase::open(data + "/state", *identity);
    if (!state) return state.error();
    return storage::make_backup({(*log)->database(), **state, *identity, data, *waiting, now_ms()}, out,
                                progress);
}

Exit backup_stopped(const BackupArguments& arguments) {
    Meter meter("backup", arguments.json);
    const std::string folder = std::filesystem::absolute(arguments.out).lexically_normal().string();
    const auto made = back_up_folder(arguments.data, folder, std::ref(meter));
    if (!made) return report(storage_error(made.error()));
    tell_made(folder, {made->size, made->bytes(), made->promises_waiting, ledger::to_hex(made->root)},
              arguments.json);
    return Exit::done;
}

// The API of the node that a configuration is of; it is believed by its own TLS key, or by what the operator put there.
Result<client::Endpoint> own_endpoint(const std::string& path, std::shared_ptr<const client::Trust> trust) {
    const auto config = load_config(path);
    if (!config) return config.error();
    const std::string scheme = config->tls.api ? "wss://" : "ws://";
    const std::string host = config->api_host == "0.0.0.0" ? "127.0.0.1" : config->api_host;
    if (config->tls.api && !trust) {
        std::vector<std::string> pins;
        if (config->tls.api_certificate.empty()) {
            const auto key = read_key_file(config->tls_key);
            if (!key) return key.error();
            const ledger::PublicKey& pin = key->key.public_key();
            pins.push_back(ledger::base64url({reinterpret_cast<const char*>(pin.data()), pin.size()}));
        }
        auto made = client::Trust::make(config->tls.api_certificate, pins);
        if (!made) return made.error();
        trust = *std::move(made);
    }
    return client::parse_endpoint(scheme + host + ":" + std::to_string(config->api_port) + "/rpc",
                                  std::move(trust));
}

Exit back_up(const BackupArguments& arguments) {
    if (!arguments.data.empty()) return backup_stopped(arguments);
    const auto believed = arguments.trust.make();
    if (!believed) return report(believed.error());
    const auto endpoint = arguments.config.empty() ? client::parse_endpoint(arguments.to, *believed)
                                                   : own_endpoint(arguments.config, *believed);
    if (!endpoint) return report(endpoint.error());
    return backup_running(*endpoint, arguments);
}

Exit verify(const BackupArguments& arguments) {
    Meter meter("verify", arguments.json);
    const auto contents = verified_backup(arguments.folder, std::ref(meter));
    if (!contents) return report(contents.error());
    const storage::BackupManifest& manifest = contents->manifest;
    if (arguments.json)
        print_json(json::object{{"origin", manifest.identity.origin},
                                {"genesis_hash", manifest.identity.genesis_hash},
                                {"node", manifest.identity.node},
                                {"size", manifest.size},
                                {"root", ledger::to_hex(manifest.root)},
                                {"entries", contents->entries},
                                {"files", manifest.files.size()},
                                {"bytes", manifest.bytes()},
                                {"promises_waiting", manifest.promises_waiting},
                                {"made_ms", manifest.made_ms}});
    else
        print_line(arguments.folder + " is whole: " + std::to_string(manifest.size) + " leaves of " +
                   manifest.identity.origin + " from " + manifest.identity.node + ", root " +
                   ledger::to_hex(manifest.root) +
                   (manifest.promises_waiting == 0
                        ? ""
                        : "; " + std::to_string(manifest.promises_waiting) +
                              " statements that the node had promised are not in it"));
    return Exit::done;
}

}  // namespace

void register_backup(CLI::App& app, Chosen& chosen) {
    const auto arguments = std::make_shared<BackupArguments>();
    CLI::App* verb = app.add_subcommand("backup", "Copy a node's ledger, while the node runs");
    verb->require_subcommand(0, 1);
    auto* config =
        verb->add_option("--config", arguments->config, "Configuration of a running node on this machine")
            ->type_name("F");
    auto* to = verb->add_option("--to", arguments->to, "A running node on this machine")->type_name("URL");
    auto* data = verb->add_option("--data", arguments->data, "Data folder of a node that does not run")
                     ->type_name("DIR");
    to->excludes(config);
    data->excludes(config)->excludes(to);
    arguments->trust.add_to(*verb);
    verb->add_option("--out", arguments->out,
                     "Folder of the backup: not there, empty, or an unfinished backup")
        ->type_name("DIR");
    verb->add_flag("--json", arguments->json, "Print one JSON object");
    verb->footer(
        "A backup is a copy of the ledger, never of the node: it lacks what the node promised, so that no "
        "node can be started\n"
        "with it; `socai restore` makes a new node of it. The node writes it itself, as its own user, and "
        "only with [admin]\n"
        "local_changes. The copy is read whole before it gets its manifest. Interrupted, give the same "
        "command again.\n"
        "--data is for a node that was stopped in order. Exit status 1: no backup was made, and why; 2: "
        "wrong "
        "use; 3: no node\n"
        "answers, or there is no such folder. Examples:\n"
        "  socai backup --config node.toml --out /backup/2026-11-25\n"
        "  socai backup verify /backup/2026-11-25");
    verb->callback([arguments, verb, &chosen] {
        if (!verb->get_subcommands().empty()) return;
        if (arguments->to.empty() && arguments->config.empty() && arguments->data.empty())
            throw CLI::RequiredError("one of --config, --to and --data");
        if (arguments->out.empty()) throw CLI::RequiredError("--out");
        chosen.run = [arguments] { return back_up(*arguments); };
    });
    CLI::App* check =
        verb->add_subcommand("verify", "Read all of a backup again: files, entries, root, tiles");
    check->add_option("DIR", arguments->folder, "The backup's folder")->required();
    check->add_flag("--json", arguments->json, "Print one JSON object");
    check->footer(
        "Exit status 0: it is whole, and leads to the root that its manifest names. Signatures are not "
        "looked at: "
        "`socai\n"
        "audit` does that. Example:\n"
        "  socai backup verify /backup/2026-11-25");
    check->callback([arguments, &chosen] { chosen.run = [arguments] { return verify(*arguments); }; });
}

}  // namespace socai::node::cli
