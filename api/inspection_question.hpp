// What every method of inspection.* is asked with: who asks, as of when, and the facts that the answer is made of.
#pragma once

#include <cstdint>
#include <vector>

#include "api/backend.hpp"
#include "api/method.hpp"
#include "api/parameter.hpp"
#include "inspection/viewer.hpp"

namespace socai::api {

// `own`, `audience`, `at` where the answer depends on "now" (design/domain.md 3), and what every read takes.
std::vector<Parameter> with_inspection_parameters(std::vector<Parameter> own, const Limits& limits);
std::vector<Parameter> with_dated_inspection_parameters(std::vector<Parameter> own, const Limits& limits);

Parameter audience_parameter();
// Who asks: the account, or what the node shows callers without one, narrowed by `audience`. Errors: forbidden
// (audience_too_wide, sign_in_expired), invalid_params (malformed_value).
Result<inspection::Viewer> viewer_of(const Asker& asker, const Arguments& arguments);
inline Result<inspection::Viewer> viewer_of(const Reading& reading, const Arguments& arguments) {
    return viewer_of(reading.asker, arguments);
}

struct Question {
    Derived derived;
    inspection::Viewer viewer;
    std::int64_t at_ms = 0;  // `at`, or the node's now

    const ledger::Facts& facts() const { return *derived.facts; }
    const inspection::RuleBook& rules() const { return *derived.rules; }
};
// Of the parameters of with_dated_inspection_parameters. Errors: those of viewer_of.
Result<Question> question_of(Reading& reading, const Arguments& arguments);
// As the backend's, counted as work of the reading, which must outlive it.
Derived counted_derived(Reading& reading);

// An answer of a pure function, for the caller: `at` is echoed, an empty next_cursor left out.
boost::json::object finished(boost::json::object&& answer, const Question& question,
                             boost::json::storage_ptr storage);

// Leaves that were accepted by the time: the ledger's size as of then, at most `size`. Accepted times never go back, so it is
// found by halving. Errors: internal_error, unavailable: a leaf's entry cannot be read.
Result<std::uint64_t> size_at(const Backend& backend, std::int64_t time_ms, std::uint64_t size);

}  // namespace socai::api
