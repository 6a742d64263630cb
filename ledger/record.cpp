#include "ledger/record.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "ledger/disclosure.hpp"
#include "ledger/ijson.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> attributes{"specversion", "id",   "source",          "type",
                                                     "subject",     "time", "datacontenttype", "data"};

constexpr std::array<std::string_view, 11> relations{"under",        "about",      "for",      "carries",
                                                     "supported_by", "decides",    "based_on", "caused_by",
                                                     "because_of",   "supersedes", "closes"};

// Salted commitments (RFC 9901 §4.2.4.1): of members of `data` itself; nested ones have no place here.
constexpr std::string_view commitment_member = "_sd";

struct TypeParts {
    std::string_view kind;
    std::uint32_t version;
};

// Splits vn.socai.<kind>.v<n>: kind is a word, n a decimal number from 1 without leading zeros.
std::optional<TypeParts> split_type(std::string_view type) {
    constexpr std::string_view prefix = "vn.socai.";
    constexpr std::size_t max_version_digits = 4;
    if (!type.starts_with(prefix)) return std::nullopt;
    const std::string_view rest = type.substr(prefix.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos || !is_word(rest.substr(0, dot))) return std::nullopt;
    const std::string_view version = rest.substr(dot + 1);
    if (version.size() < 2 || version.size() > 1 + max_version_digits) return std::nullopt;
    if (version[0] != 'v' || version[1] == '0') return std::nullopt;
    std::uint32_t number = 0;
    for (const char c : version.substr(1)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return TypeParts{rest.substr(0, dot), number};
}

// The string at `name`; nothing when absent or of another type.
std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

bool contains_commitment(const json::value& value) {
    if (const json::array* array = value.if_array()) {
        return std::ranges::any_of(*array, contains_commitment);
    }
    const json::object* object = value.if_object();
    return object != nullptr && std::ranges::any_of(*object, [](const json::key_value_pair& member) {
               return member.key() == commitment_member || contains_commitment(member.value());
           });
}

// No attribute is missing and none is there that formats.md does not list.
Result<void> check_attributes(const json::object& event) {
    for (const std::string_view name : attributes) {
        if (!event.contains(name)) {
            return invalid("attribute_missing",
                           "the record lacks the attribute \"" + std::string(name) + "\"");
        }
    }
    if (event.size() == attributes.size()) return {};
    for (const json::key_value_pair& member : event) {
        if (std::ranges::find(attributes, std::string_view(member.key())) == attributes.end()) {
            return invalid("attribute_unknown", "the record has the attribute " + quote(member.key()) +
                                                    ", which no record may have; put content into \"data\"");
        }
    }
    return {};
}

// Reads the attributes other than `data` into `record`.
Result<void> read_attributes(const json::object& event, Record& record) {
    if (text_of(event, "specversion") != "1.0") {
        return invalid("wrong_specversion", "\"specversion\" must be \"1.0\"");
    }
    const auto id = text_of(event, "id");
    if (!id || !is_record_id(*id)) {
        return invalid("bad_id", "\"id\" must be 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    const auto source = text_of(event, "source");
    if (!source || !is_agency_code(*source)) {
        return invalid("bad_source",
                       "\"source\" must be an agency code such as \"customs.haiphong\": parts of "
                       "a-z 0-9 - joined by dots, at most 64 characters");
    }
    const auto type = text_of(event, "type");
    if (!type || !split_type(*type)) {
        return invalid("bad_type", "\"type\" must have the form vn.socai.<kind>.v<n>");
    }
    const auto subject = text_of(event, "subject");
    if (!subject || !is_business_number(*subject)) {
        return invalid("bad_subject",
                       "\"subject\" must be the business number: a string of 1 to 256 bytes "
                       "without control characters");
    }
    const auto time = text_of(event, "time");
    const auto time_ms = time ? parse_rfc3339(*time) : std::nullopt;
    if (!time_ms) {
        return invalid("bad_time",
                       "\"time\" must be RFC 3339 with an offset, such as "
                       "\"2021-09-27T10:05:11+07:00\", between 1970 and 9999");
    }
    if (text_of(event, "datacontenttype") != "application/json") {
        return invalid("wrong_datacontenttype", "\"datacontenttype\" must be \"application/json\"");
    }
    record.id = *id;
    record.source = *source;
    record.type = *type;
    record.subject = *subject;
    record.time = *time;
    record.time_ms = *time_ms;
    return {};
}

Result<Reference> read_reference(const json::value& value, std::size_t position) {
    const std::string place = "data.refs[" + std::to_string(position) + "]";
    const json::object* object = value.if_object();
    if (object == nullptr || object->size() != 3) {
        return invalid("bad_refs", place + " must be an object of exactly \"rel\", \"source\" and \"id\"");
    }
    const auto rel = text_of(*object, "rel");
    const auto source = text_of(*object, "source");
    const auto id = text_of(*object, "id");
    if (!rel || !source || !id) {
        return invalid("bad_refs", place + " must be an object of exactly \"rel\", \"source\" and \"id\"");
    }
    if (std::ranges::find(relations, *rel) == relations.end()) {
        return invalid("unknown_relation",
                       place + ".rel is " + quote(*rel) +
                           "; it must be one of under, about, for, carries, supported_by, "
                           "decides, based_on, caused_by, because_of, supersedes, closes");
    }
    if (!is_agency_code(*source)) return invalid("bad_refs", place + ".source is not an agency code");
    if (!is_record_id(*id)) return invalid("bad_refs", place + ".id is not a record id");
    return Reference{std::string(*rel), std::string(*source), std::string(*id)};
}

Result<void> read_commitments(const json::object& data, Record& record) {
    const Error bad{Fault::invalid_statement, "bad_commitments",
                    "data._sd must be an array of 1 to " + std::to_string(max_commitments) +
                        " different commitments: base64url of a SHA-256, 43 characters each"};
    for (const json::key_value_pair& member : data) {
        if (member.key() != commitment_member) {
            if (contains_commitment(member.value()))
                return invalid("reserved_member",
                               "the member \"_sd\" may stand in data itself and nowhere below: commit to the "
                               "whole of data." +
                                   quote(member.key()) + ", or leave it out");
            continue;
        }
        const json::array* list = member.value().if_array();
        if (list == nullptr || list->empty() || list->size() > max_commitments) return bad;
        for (const json::value& text : *list) {
            const auto digest = text.is_string() ? parse_commitment(text.get_string()) : std::nullopt;
            if (!digest || std::ranges::find(record.commitments, *digest) != record.commitments.end())
                return bad;
            record.commitments.push_back(*digest);
        }
    }
    return {};
}

// Checks what every body has in common, and reads its references into `record`.
Result<void> read_data(const json::object& event, Record& record) {
    const json::object* data = event.at("data").if_object();
    if (data == nullptr) return invalid("bad_data", "\"data\" must be an object");

    const json::value* refs = data->if_contains("refs");
    if (refs == nullptr || !refs->is_array()) {
        return invalid("bad_refs",
                       "\"data\" must hold \"refs\", an array, empty if the record refers to none");
    }
    const json::array& list = refs->get_array();
    record.refs.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        Result<Reference> reference = read_reference(list[i], i);
        if (!reference) return reference.error();
        record.refs.push_back(*std::move(reference));
    }

    if (const json::value* basis = data->if_contains("legal_basis")) {
        const json::array* texts = basis->if_array();
        const bool strings = texts != nullptr && std::ranges::all_of(*texts, [](const json::value& text) {
                                 return text.is_string() && !text.get_string().empty();
                             });
        if (!strings) {
            return invalid("bad_legal_basis", "data.legal_basis must be an array of non-empty strings");
        }
    }
    return read_commitments(*data, record);
}

}  // namespace

std::string_view Record::kind() const {
    const auto parts = split_type(type);
    return parts ? parts->kind : std::string_view();
}

std::uint32_t Record::version() const {
    const auto parts = split_type(type);
    return parts ? parts->version : 0;
}

const json::object& Record::data() const {
    const json::value* value = json.if_contains("data");
    assert(value != nullptr && value->is_object());
    return value->get_object();
}

Result<Record> parse_record(std::string_view bytes) {
    Result<json::value> value = parse_ijson(bytes);
    if (!value) return value.error();
    if (!value->is_object()) return invalid("record_not_object", "a record must be a JSON object");
    return parse_record(std::move(value->get_object()), bytes);
}

Result<Record> parse_record(json::object event, std::string_view bytes) {
    if (Result<void> checked = check_attributes(event); !checked) return checked.error();
    Record record;
    if (Result<void> read = read_attributes(event, record); !read) return read.error();
    if (Result<void> read = read_data(event, record); !read) return read.error();
    record.digest = sha256(trim_json(bytes));
    record.json = std::move(event);
    return record;
}

}  // namespace socai::ledger
