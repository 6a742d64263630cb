// socai key new | show | certificate
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "node/cli/command.hpp"
#include "node/cli/output.hpp"
#include "node/client/text_file.hpp"
#include "node/client/text_table.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"
#include "node/tls/certificate.hpp"

namespace socai::node::cli {
namespace {

struct KeyArguments {
    std::string kid;
    std::string file;
    std::string out;
    bool json = false;
};

constexpr std::size_t max_agency_bytes = 64;
constexpr std::size_t max_key_name_bytes = 64;

// "<agency>/<key name>" (design/formats.md, "Statement"): what is wrong with it, if anything.
std::optional<Error> check_kid(const std::string& kid) {
    const auto bad = [&kid](const char* fault) {
        return Error{Exit::usage, "bad_kid",
                     "'" + kid.substr(0, 200) + "' " + fault +
                         "; a kid is <agency>/<key name>, e.g. moit.attp/2026-1"};
    };
    const auto slash = kid.find('/');
    if (slash == std::string::npos) return bad("has no slash");
    const std::string agency = kid.substr(0, slash);
    const std::string name = kid.substr(slash + 1);
    const auto is_digit_or_small = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool agency_letters = std::all_of(
        agency.begin(), agency.end(), [&](char c) { return is_digit_or_small(c) || c == '-' || c == '.'; });
    if (agency.empty() || agency.size() > max_agency_bytes || !agency_letters || agency.front() == '.' ||
        agency.back() == '.' || agency.find("..") != std::string::npos)
        return bad("does not begin with an agency's code (a-z, 0-9, '-', parts set off by '.')");
    const bool name_letters = std::all_of(name.begin(), name.end(), [&](char c) {
        return is_digit_or_small(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
    });
    if (name.empty() || name.size() > max_key_name_bytes || !name_letters)
        return bad("does not end with a key's name (1-64 of A-Z, a-z, 0-9, '.', '_', '-')");
    return std::nullopt;
}

Exit show(const ledger::Jwk& jwk, const std::string& file, bool json) {
    if (json) {
        print_line(client::trim(ledger::public_jwk_text(jwk)));
        return Exit::done;
    }
    const auto& key = jwk.key.public_key();
    print_line("kid   " + client::printable(jwk.kid));
    print_line("x     " + ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()}));
    print_line("hex   " + ledger::to_hex(key));
    print_line("file  " + file + " (private: keep it; what is above may be handed out)");
    return Exit::done;
}

Exit new_key(const KeyArguments& arguments) {
    if (const auto fault = check_kid(arguments.kid)) return report(*fault);
    const ledger::Jwk jwk{arguments.kid, ledger::KeyPair::generate()};
    if (const auto written = write_key_file(arguments.file, jwk); !written) return report(written.error());
    return show(jwk, arguments.file, arguments.json);
}

Exit show_key(const KeyArguments& arguments) {
    const auto jwk = read_key_file(arguments.file);
    if (!jwk) return report(jwk.error());
    return show(*jwk, arguments.file, arguments.json);
}

// The ledger looks at the certificate's key alone, so it says no more than whose it is, and has no end of its own: what ends the
// key ends it.
Exit make_certificate(const KeyArguments& arguments) {
    constexpr mode_t secret_mode = 0600;
    const auto jwk = read_key_file(arguments.file);
    if (!jwk) return report(jwk.error());
    std::error_code error;
    if (std::filesystem::exists(arguments.out, error))
        return report({Exit::usage, "file_exists", arguments.out + " is there already; choose another name"});
    const auto certificate = tls::make_anchor(jwk->key, jwk->kid, jwk->kid.substr(0, jwk->kid.find('/')));
    const auto written = write_file(arguments.out, tls::to_pem(*certificate) + tls::to_pem(jwk->key), secret_mode);
    if (!written) return report(written.error());
    print_line(arguments.out + ": a certificate of " + client::printable(jwk->kid) +
               " and its private key; curl --cert " + arguments.out);
    return Exit::done;
}

}  // namespace

void register_key(CLI::App& app, Chosen& chosen) {
    auto* key = app.add_subcommand("key", "Make or show the key that signs for an agency");
    key->require_subcommand(1);
    key->footer("Example:\n  socai key new --kid moit.attp/2026-1 --out attp.jwk");
    const auto arguments = std::make_shared<KeyArguments>();
    const char* json_help = "Print the public key as a JWK";

    auto* make = key->add_subcommand(
        "new", "Make an Ed25519 key pair; writes a JWK file of mode 0600, never over another");
    make->add_option("--kid", arguments->kid, "Name of the key: <agency>/<key name>")
        ->type_name("K")
        ->required();
    make->add_option("--out", arguments->file, "File to write")->type_name("F")->required();
    make->add_flag("--json", arguments->json, json_help);
    make->footer("Example:\n  socai key new --kid moit.attp/2026-1 --out attp.jwk");
    make->callback([arguments, &chosen] { chosen.run = [arguments] { return new_key(*arguments); }; });

    auto* look = key->add_subcommand("show", "Show the public part of a key file");
    look->add_option("file", arguments->file, "JWK file")->type_name("F")->required();
    look->add_flag("--json", arguments->json, json_help);
    look->footer("Example:\n  socai key show attp.jwk --json");
    look->callback([arguments, &chosen] { chosen.run = [arguments] { return show_key(*arguments); }; });

    auto* certify = key->add_subcommand(
        "certificate", "Make a TLS client certificate of a key, for programs that sign in with one instead of a token");
    certify->add_option("file", arguments->file, "JWK file")->type_name("F")->required();
    certify->add_option("--out", arguments->out, "PEM file to write: the certificate, and the private key; mode 0600")
        ->type_name("F")
        ->required();
    certify->footer(
        "Example:\n"
        "  socai key certificate attp.jwk --out attp.pem\n"
        "  curl --cacert ca.pem --cert attp.pem https://127.0.0.1:7001/tile/entries/000.p/1");
    certify->callback([arguments, &chosen] { chosen.run = [arguments] { return make_certificate(*arguments); }; });
}

}  // namespace socai::node::cli
