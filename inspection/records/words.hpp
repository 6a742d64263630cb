// The Vietnamese of the words that records and answers use as codes, for sentences that people read. The codes themselves
// stand in the schemas and never change; a sentence in Vietnamese that quotes "strict" tells a Vietnamese reader nothing.
// Pure values; safe from any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "inspection/calendar.hpp"

namespace socai::inspection {

// What a word tells about: "withdrawn" is another word of a certificate than of a dossier.
enum class WordOf : std::uint8_t {
    method,  // also what channels and risk tables make of methods
    reason,
    regime,
    dossier,
    outcome,
    certificate,
    clearance,
    basis,
    storage,
    remedy,
    appeal,
    channel,
    risk,
};

struct VietnameseWord {
    WordOf of;
    std::string_view code, vi;
};
std::span<const VietnameseWord> vietnamese_words();
// The code itself where the table has none: what a later version of the schema brings still shows.
std::string_view vi_word(WordOf of, std::string_view code);

// The same thing said in both languages, to stand in a sentence of either.
struct Phrase {
    std::string en, vi;

    // A number, a name: the same in both.
    template <class T>
    requires std::convertible_to<const T&, std::string_view> Phrase(
        const T& same)  // NOLINT(google-explicit-constructor)
        : en(std::string_view(same)), vi(en) {}
    Phrase(std::string_view english, std::string_view vietnamese) : en(english), vi(vietnamese) {}
};
// A code in English, its word in Vietnamese.
Phrase phrase(WordOf of, std::string_view code);
// 2021-09-27, and 27/09/2021.
Phrase phrase(Date date);
// "27/09/2021".
std::string vi_date(Date date);
// "10:05 ngày 27/09/2021", in Vietnam.
std::string vi_time(std::int64_t time_ms);

}  // namespace socai::inspection
