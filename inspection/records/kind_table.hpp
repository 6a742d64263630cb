// Who may write each kind of record, and what a record of it rests on: the table of reference/domain.md §2.2 for writers and
// of the sample shipments for references, with the articles. Roles are words of the registry, never parts of a code
// (design/domain.md 2). Pure values; safe from any thread.
#pragma once

#include <string_view>
#include <vector>

namespace socai::inspection {

// Where a reference of one relation may lead.
struct Relation {
    std::string_view rel;
    std::vector<std::string_view> kinds;  // empty: any kind
};

struct KindTraits {
    std::string_view kind;
    std::vector<std::string_view> writers;  // roles
    std::string_view writer_article;
    std::vector<Relation> relations;
    // Of each group at least one relation must stand.
    std::vector<std::vector<std::string_view>> required;

    const Relation* relation(std::string_view rel) const;
};

// Of every kind, sorted by name. Made anew by each call: keep it.
std::vector<KindTraits> kind_table();

}  // namespace socai::inspection
