// The rules that a record keeps, whatever stands in the ledger before it: form, values, writer, references. Each has an
// id that never changes, the article of the law behind it, and its sentence in English and Vietnamese.
//
// A rule without an article of its own is quoted with the article of the record's kind: that is why the kind has the form
// that it has.
#pragma once

#include <span>

#include "inspection/records/breach.hpp"

namespace socai::inspection {

namespace rules {

// --- the schema of the kind
extern const Rule kind_unknown, kind_version;
extern const Rule schema_type, schema_required, schema_unknown, schema_word, schema_pattern, schema_length,
    schema_count, schema_range, schema_empty;
// --- values that a schema cannot describe, wherever the schema says that one stands (x-form)
extern const Rule form_date, form_time, form_tax_code, form_agency_code, form_decimal, form_public_key,
    form_number, form_text;
// --- members that are told beside the log (ledger/disclosure.hpp)
extern const Rule commitment_kind, commitment_count, commitment_member;
// --- values that must agree
extern const Rule subject_number, goods_key_of_goods, term_order, declaration_amendment, item_order,
    transition_change, draw_only_reduced, conclusion_of_tests, correction_reason, correction_supersedes,
    alert_lifting, clearance_time, rule_set_parameters, certificate_of_lot, certificate_of_type, importer_own,
    key_of_holder;
// --- who may write
extern const Rule writer_registered, writer_role;
// --- what a record rests on
extern const Rule reference_required, reference_relation, reference_unknown, reference_kind, supersession_own,
    supersession_one;

}  // namespace rules

// All of them, in the order above.
std::span<const Rule* const> all_rules();

}  // namespace socai::inspection
