#include "node/cluster/registry_file.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <vector>

#include "ledger/hash.hpp"
#include "node/cluster/process.hpp"
#include "node/files.hpp"

namespace socai::node::cluster {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t max_registry_bytes = 16 * 1024 * 1024;
constexpr std::size_t max_agencies = 100'000;

// Codes become file names; formats.md, `source`: [a-z0-9-]+(\.[a-z0-9-]+)*, at most 64.
bool is_agency_code(std::string_view code) {
    if (code.empty() || code.size() > 64 || code.front() == '.' || code.back() == '.') return false;
    return code.find("..") == std::string_view::npos && std::all_of(code.begin(), code.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

Error bad_registry(const std::string& path, const std::string& sentence) {
    return {Exit::usage, "bad_registry", path + ": " + sentence};
}

// A string member of an entry; `nullable` ones may be null or absent.
bool take_text(const json::object& entry, std::string_view name, bool nullable,
               std::optional<std::string>& out) {
    const json::value* value = entry.if_contains(name);
    if (value == nullptr || value->is_null()) return nullable;
    if (!value->is_string()) return false;
    out = std::string(value->get_string());
    return true;
}

// What is wrong with entry, as the end of a sentence; empty when `out` is filled.
std::string parse_agency(const json::value& value, ledger::Agency& out) {
    const json::object* entry = value.if_object();
    if (entry == nullptr) return "is not an object";
    for (const auto& member : *entry)
        if (const auto key = member.key();
            key != "code" && key != "parent" && key != "roles" && key != "name_vi" && key != "name_en")
            return "has the unknown member `" + std::string(key.substr(0, 64)) + "`";
    std::optional<std::string> code, name_vi, name_en;
    if (!take_text(*entry, "code", false, code) || !is_agency_code(*code))
        return "needs `code`, an agency code such as \"customs.haiphong\"";
    out.code = *code;
    if (!take_text(*entry, "parent", true, out.parent)) return "needs `parent`, a code or null";
    if (!take_text(*entry, "name_vi", true, name_vi) || !take_text(*entry, "name_en", true, name_en))
        return "has a name that is not a string";
    out.name_vi = name_vi.value_or("");
    out.name_en = name_en.value_or("");
    const json::value* roles = entry->if_contains("roles");
    if (roles == nullptr || !roles->is_array() || roles->get_array().empty())
        return "needs `roles`, an array of at least one role";
    for (const json::value& role : roles->get_array()) {
        if (!role.is_string()) return "has a role that is not a string";
        out.roles.emplace_back(role.get_string());
    }
    return {};
}

}  // namespace

std::optional<std::string> find_data_file(std::string_view name) {
    const fs::path folder = fs::path(own_program()).parent_path();
    const std::vector<fs::path> places = {folder / "../data", folder / "data", folder / "../share/socai/data",
                                          fs::path(SOCAI_DATA_DIR)};
    for (const fs::path& place : places) {
        const fs::path file = (place / name).lexically_normal();
        std::error_code error;
        if (fs::is_regular_file(file, error)) return file.string();
    }
    return std::nullopt;
}

Result<std::string> find_registry(const std::optional<std::string>& asked) {
    std::error_code no_such_name;  // an empty one; reading it fails later
    if (asked) return fs::absolute(*asked, no_such_name).lexically_normal().string();
    if (auto file = find_data_file("genesis_registry.json")) return *std::move(file);
    return Error{Exit::unreachable, "registry_not_found",
                 "found no data/genesis_registry.json beside the program in " +
                     fs::path(own_program()).parent_path().string() + "; give the file with --registry"};
}

Result<RegistryFile> read_registry_file(const std::string& path, const std::optional<ledger::Agency>& top) {
    const Result<std::string> text = read_file(path, max_registry_bytes);
    if (!text) return text.error();
    json::error_code error;
    const json::value value = json::parse(*text, error);
    if (error) return bad_registry(path, "is not JSON: " + error.message());
    if (!value.is_array() || value.get_array().size() > max_agencies)
        return bad_registry(path, "must be an array of agencies, at most " + std::to_string(max_agencies));

    RegistryFile file;
    file.hash = ledger::to_hex(ledger::sha256(*text));
    // Parents first, whatever the order of the file.
    std::vector<std::pair<std::size_t, ledger::Agency>> waiting;
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
        ledger::Agency agency;
        const std::string fault = parse_agency(value.get_array()[i], agency);
        if (!fault.empty()) return bad_registry(path, "entry " + std::to_string(i + 1) + " " + fault);
        waiting.emplace_back(i + 1, std::move(agency));
    }
    if (top && std::ranges::none_of(waiting, [&](const auto& one) { return one.second.code == top->code; }))
        if (const auto added = file.registry.add_agency(*top); !added)
            return Error{Exit::usage, added.error().reason, added.error().detail};
    while (!waiting.empty()) {
        std::vector<std::pair<std::size_t, ledger::Agency>> later;
        for (auto& [place, agency] : waiting) {
            if (agency.parent && file.registry.agency(*agency.parent) == nullptr) {
                later.emplace_back(place, std::move(agency));
                continue;
            }
            const std::string entry = "entry " + std::to_string(place) + " (" + agency.code + ") ";
            const ledger::Agency added = agency;
            if (const auto done = file.registry.add_agency(std::move(agency)); !done)
                return bad_registry(path, entry + "cannot stand: " + done.error().detail);
            if (!added.has_role("trader")) continue;
            // A trader has no key: its parent, the Single Window operator, speaks for it.
            if (!added.parent)
                return bad_registry(path, entry + "is a trader and needs a `parent` to sign for it");
            if (const auto done = file.registry.add_delegation(*added.parent, added.code); !done)
                return bad_registry(path, entry + "cannot be delegated: " + done.error().detail);
        }
        if (later.size() == waiting.size())
            return bad_registry(path, "entry " + std::to_string(later.front().first) + " (" +
                                          later.front().second.code + ") has the parent `" +
                                          *later.front().second.parent +
                                          "`, which is in no entry or below this one; correct it");
        waiting = std::move(later);
    }
    return file;
}

}  // namespace socai::node::cluster
