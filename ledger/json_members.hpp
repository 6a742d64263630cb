// Reads the members of one JSON object of a strict format: exactly the named ones, each of its type. Pure; one
// thread at a time.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// The first fault is kept and everything after it reads as empty, so that a caller reads all members and asks once.
// The value outlives the reader.
class JsonMembers {
  public:
    // `value` must be an object of exactly the members `names`. Faults have `reason`, and a detail that begins with
    // `place`.
    JsonMembers(const boost::json::value& value, std::string reason, std::string place,
                std::initializer_list<std::string_view> names);

    const std::optional<Error>& fault() const { return fault_; }

    std::string text(std::string_view name);
    bool is_null(std::string_view name) const;
    std::int64_t number(std::string_view name, std::int64_t maximum);  // 0 to `maximum`
    std::vector<std::string> texts(std::string_view name);
    const boost::json::array& list(std::string_view name);
    const boost::json::value& any(std::string_view name) const;  // null after a fault
    PublicKey key(std::string_view name);                        // 32 bytes in base64url
    void expect(std::string_view name, std::string_view wanted);

  private:
    const boost::json::value* find(std::string_view name) const;
    void fail(const std::string& place, const std::string& detail);
    void fail_at(std::string_view name, const std::string& detail);

    const boost::json::object* object_;
    std::string reason_;
    std::string place_;
    std::optional<Error> fault_;
    const boost::json::array empty_;
    const boost::json::value null_;
};

// A public key as these formats spell it: base64url of its 32 bytes, as a JWK's `x`.
std::string key_text(const PublicKey& key);

}  // namespace socai::ledger
