#include "ledger/json_members.hpp"

#include <algorithm>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {

namespace json = boost::json;

JsonMembers::JsonMembers(const json::value& value, std::string reason, std::string place,
                         std::initializer_list<std::string_view> names)
    : object_(value.if_object()), reason_(std::move(reason)), place_(std::move(place)) {
    if (object_ == nullptr) {
        fail(place_, "must be an object");
        return;
    }
    for (const std::string_view name : names) {
        if (!object_->contains(name)) fail(place_, "lacks the member " + quote(name));
    }
    for (const json::key_value_pair& member : *object_) {
        if (std::ranges::find(names, std::string_view(member.key())) == names.end()) {
            fail(place_, "has the unknown member " + quote(member.key()));
        }
    }
}

std::string JsonMembers::text(std::string_view name) {
    const json::value* value = find(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    fail_at(name, "must be a string");
    return {};
}

bool JsonMembers::is_null(std::string_view name) const {
    const json::value* value = find(name);
    return value != nullptr && value->is_null();
}

std::int64_t JsonMembers::number(std::string_view name, std::int64_t maximum) {
    const json::value* value = find(name);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    if (number != nullptr && *number >= 0 && *number <= maximum) return *number;
    fail_at(name, "must be a whole number from 0 to " + std::to_string(maximum));
    return 0;
}

std::vector<std::string> JsonMembers::texts(std::string_view name) {
    std::vector<std::string> result;
    for (const json::value& element : list(name)) {
        if (!element.is_string()) {
            fail_at(name, "must be an array of strings");
            return {};
        }
        result.emplace_back(element.get_string());
    }
    return result;
}

const json::array& JsonMembers::list(std::string_view name) {
    const json::value* value = find(name);
    if (value != nullptr && value->is_array()) return value->get_array();
    fail_at(name, "must be an array");
    return empty_;
}

const json::value& JsonMembers::any(std::string_view name) const {
    const json::value* value = find(name);
    return value == nullptr ? null_ : *value;
}

PublicKey JsonMembers::key(std::string_view name) {
    PublicKey key{};
    const std::optional<std::string> bytes = base64url_decode(text(name));
    if (bytes && bytes->size() == key.size()) {
        std::ranges::copy(*bytes, key.begin());
    } else {
        fail_at(name, "must be 32 bytes in base64url without padding");
    }
    return key;
}

void JsonMembers::expect(std::string_view name, std::string_view wanted) {
    if (text(name) != wanted) fail_at(name, "must be " + quote(wanted));
}

const json::value* JsonMembers::find(std::string_view name) const {
    return fault_ ? nullptr : object_->if_contains(name);
}

void JsonMembers::fail(const std::string& place, const std::string& detail) {
    if (!fault_) fault_ = invalid(reason_, place + " " + detail);
}

void JsonMembers::fail_at(std::string_view name, const std::string& detail) {
    fail(place_ + "." + std::string(name), detail);
}

std::string key_text(const PublicKey& key) {
    return base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

}  // namespace socai::ledger
