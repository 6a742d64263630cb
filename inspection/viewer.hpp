// Who asks, as far as it matters to what is shown. Pure value.
#pragma once

#include <string>

namespace socai::inspection {

// Whoever is none of these sees the public part of access/visibility_table.cpp. What a role gives adds up.
struct Viewer {
    // Reads what agencies share among themselves.
    bool agency = false;
    // A trader: reads what concerns this tax code.
    std::string tax_code;
    // Reads every record, the restricted kinds too, and entry bundles: members, whose nodes hold every byte, and auditors.
    bool whole = false;
    // Reads what is kept for customs.
    bool customs = false;
    // Opens every confidential member: auditors.
    bool opens_all = false;
    // A conformity body: reads what concerns the source below.
    bool conformity_body = false;
    // Its own records it always sees; empty: nobody's.
    std::string source{};

    // Sees nothing but what everybody sees.
    bool is_public() const { return !agency && !whole && !customs && tax_code.empty() && source.empty(); }
    // Sees everything there is: what the node shows where all who reach it are agencies.
    static Viewer all() {
        return {.agency = true, .tax_code = {}, .whole = true, .customs = true, .opens_all = true};
    }
};

}  // namespace socai::inspection
