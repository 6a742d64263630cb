// Any bytes as a survivor's survey: refused with a sentence, or a log whose terms rise, which shares all of itself with itself.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "node/recover/survey.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::node::recover;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto survey = parse_survey("it", bytes);
    if (!survey) {
        assert(!survey.error().detail.empty());
        return 0;
    }
    assert(common_end(*survey, survey->runs, survey->last.index) == survey->last.index);
    return 0;
}
