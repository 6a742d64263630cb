// Who takes part in the generated trade, the same for every seed: ministries and their agencies, customs, conformity bodies,
// gateways, procedures and what they are about, firms and the accounts that file for them. All of it fictional but for the
// ministries and the HS headings. Pure; safe from any thread once made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/registry.hpp"
#include "node/generator/zipf.hpp"

namespace socai::node::generator {

// Dossiers in a hundred (reference/domain.md §4.2). The last four are its "others 15".
struct Ministry {
    std::string_view code;
    std::string_view list_code;  // of its list of goods; also in dossier numbers
    std::uint64_t percent;
};
const std::vector<Ministry>& ministries();

// A range of HS headings under one agency and one regime.
struct Family {
    std::string_view ministry;
    std::string_view list_owner, inspector;  // agencies
    std::string_view regime;                 // quality, food_safety
    std::uint32_t first_heading, last_heading;
    std::string_view name_vi, name_en;
    std::string_view unit;
    bool plants = false;  // phytosanitary certificates come along
};

// One administrative procedure, about one HS heading.
struct Procedure {
    std::string code;
    std::size_t ministry = 0;  // in ministries()
    const Family* family = nullptr;
    std::uint32_t heading = 0;
    std::vector<std::size_t> bodies;  // in Cast::bodies, that may assess its goods
};

struct Body {
    std::string code;
    std::string_view ministry;  // that designates it
    std::string_view designated_by;
};
struct Office {
    std::string_view agency;
    std::string_view code;  // in declarations
    std::string_view gate;
    std::uint64_t weight;
};
struct Gateway {
    std::string_view agency;
    std::string_view country;
};

inline constexpr std::size_t enterprise_count = 43'460;
inline constexpr std::size_t procedure_count = 207;
inline constexpr std::size_t own_accounts = 60;     // the largest firms file for themselves …
inline constexpr std::size_t broker_accounts = 40;  // … the others through brokers

class Cast {
  public:
    Cast();

    std::vector<Procedure> procedures;  // by rank
    Zipf procedure_shares;
    std::vector<Body> bodies;
    std::vector<Office> offices;
    Weights office_weights;
    std::vector<Gateway> gateways;  // of ASEAN

    // Of the firm of that rank, 0 to enterprise_count - 1. Fictional: 99… is given to nobody.
    const std::string& tax_code(std::size_t enterprise) const { return tax_codes_[enterprise]; }
    // The trader that signs for it: its own account, or its broker's.
    const std::string& account(std::size_t enterprise) const;
    // Who watches the market where that office is.
    std::string_view surveillance(std::size_t office) const {
        return office % 2 == 0 ? "moit.qltt" : "most.dost-hcm";
    }
    bool has_broker(std::size_t enterprise) const { return enterprise >= own_accounts; }

    // Every agency, and the Single Window's right to sign for each trader. Keys are no part of it.
    ledger::Registry registry() const;
    // The same as data/genesis_registry.json: what `socai cluster up --registry` reads.
    std::string registry_json() const;

  private:
    std::vector<std::string> tax_codes_;
    std::vector<std::string> accounts_;
};

}  // namespace socai::node::generator
