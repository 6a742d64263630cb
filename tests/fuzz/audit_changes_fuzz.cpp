// Any bytes as what an audit keeps of what followed from each leaf: refused, or the same in whatever pieces, and written anew
// the same bytes.
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "node/audit/change_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read_in = [text](std::size_t piece, std::string& written) {
        node::audit::ChangeReader reader(
            [&](std::uint64_t leaf, const std::vector<ledger::FactChange>& changes) {
                written += node::audit::change_text(leaf, changes);
                return true;
            });
        for (std::size_t at = 0; at < text.size(); at += piece) reader.read(text.substr(at, piece));
        return reader.complete();
    };
    std::string whole;
    std::string in_pieces;
    const bool good = read_in(text.size() + 1, whole);
    assert(read_in(7, in_pieces) == good && whole == in_pieces);
    assert(text.starts_with(whole) && (!good || whole == text));
    return 0;
}
