// The patterns of record schemas: a part of ECMAScript's regular expressions that is matched in one pass, without
// backtracking, recursion or a locale. Pure values; safe from any thread.
//
//   pattern = "^" piece* "$"
//   piece   = (character | "[" class "]") [ "?" | "{n}" | "{m,n}" ]
//
// Characters are printable ASCII; those with a meaning are written in a class of one, such as [.]. A class holds characters
// and ranges, and no "^" at its beginning.
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace socai::inspection {

class TextPattern {
  public:
    // Nothing when `text` is not of the grammar above, or one pass cannot decide it: whatever a piece of variable length
    // may take, no piece that can follow it may begin with.
    static std::optional<TextPattern> parse(std::string_view text);

    bool matches(std::string_view text) const;

  private:
    struct Piece {
        std::bitset<128> taken;
        std::size_t least = 1;
        std::size_t most = 1;
    };
    static std::optional<Piece> read_piece(std::string_view& text);
    bool is_decided_in_one_pass() const;

    std::vector<Piece> pieces_;
};

}  // namespace socai::inspection
