// Finds names that stand twice in a JSON object while it is parsed: Boost.JSON would silently keep the last, and
// two readers of the same bytes could disagree (RFC 8259 §4). For the handlers of its basic_parser.
#pragma once

#include <cassert>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace socai::ledger {

// The names of the objects that are open while parsing. Linear search while an object is small; beyond that
// an ordered set, so that a hostile object costs n log n and no choice of names can make it worse.
class OpenNames {
  public:
    // `capacity`: no less than the bytes of all names together, so that views into the buffer stay valid.
    explicit OpenNames(std::size_t capacity) { bytes_.reserve(capacity); }

    void open() { objects_.push_back({names_.size(), bytes_.size(), {}}); }

    void close() {
        names_.resize(objects_.back().first_name);
        bytes_.resize(objects_.back().first_byte);
        objects_.pop_back();
    }

    // False when the innermost open object has `name` already.
    bool add(std::string_view name) {
        Object& object = objects_.back();
        const std::size_t begin = bytes_.size();
        assert(bytes_.capacity() - begin >= name.size());
        bytes_ += name;
        const std::string_view kept = std::string_view(bytes_).substr(begin);
        const std::size_t count = names_.size() - object.first_name;
        if (count < small_object) {
            for (std::size_t i = object.first_name; i < names_.size(); ++i) {
                if (names_[i] == kept) return false;
            }
        } else {
            if (count == small_object) {
                object.large.insert(names_.begin() + static_cast<std::ptrdiff_t>(object.first_name),
                                    names_.end());
            }
            if (!object.large.insert(kept).second) return false;
        }
        names_.push_back(kept);
        return true;
    }

  private:
    static constexpr std::size_t small_object = 16;

    struct Object {
        std::size_t first_name;
        std::size_t first_byte;
        std::set<std::string_view> large;  // empty until the object outgrows linear search
    };

    std::string bytes_;  // unescaped names of the open objects, end to end
    std::vector<std::string_view> names_;
    std::vector<Object> objects_;
};

}  // namespace socai::ledger
