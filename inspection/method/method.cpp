#include "inspection/method/method.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace socai::inspection {
namespace {

template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

constexpr Words<Method, 4> methods{{{Method::exempt, "exempt"},
                                    {Method::reduced, "reduced"},
                                    {Method::normal, "normal"},
                                    {Method::strict, "strict"}}};
constexpr Words<Reason, 13> reasons{{{Reason::default_method, "default_method"},
                                     {Reason::not_certified, "not_certified"},
                                     {Reason::certified, "certified"},
                                     {Reason::passes_under_strict, "passes_under_strict"},
                                     {Reason::passes_under_normal, "passes_under_normal"},
                                     {Reason::failed_inspection, "failed_inspection"},
                                     {Reason::failed_check, "failed_check"},
                                     {Reason::upheld_complaint, "upheld_complaint"},
                                     {Reason::active_alert, "active_alert"},
                                     {Reason::alert_over, "alert_over"},
                                     {Reason::term_over, "term_over"},
                                     {Reason::imposed, "imposed"},
                                     {Reason::certificate_over, "certificate_over"}}};

template <class E, std::size_t N>
std::string_view word_in(const Words<E, N>& words, E value) {
    return std::ranges::find(words, value, &std::pair<E, std::string_view>::first)->second;
}
template <class E, std::size_t N>
std::optional<E> value_in(const Words<E, N>& words, std::string_view word) {
    const auto found = std::ranges::find(words, word, &std::pair<E, std::string_view>::second);
    return found == words.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace

std::string_view word(Method method) {
    return word_in(methods, method);
}
std::optional<Method> parse_method(std::string_view word) {
    return value_in(methods, word);
}
std::string_view word(Reason reason) {
    return word_in(reasons, reason);
}
std::optional<Reason> parse_reason(std::string_view word) {
    return value_in(reasons, word);
}

}  // namespace socai::inspection
