// Any bytes as each kind of value of a log database, such as one in a backup that somebody hands over: refused, or spelt in
// exactly one way.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "consensus/membership.hpp"
#include "storage/log_format.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto entry = storage::decode_entry(bytes)) assert(storage::encode_entry(*entry) == bytes);
    if (const auto mark = storage::decode_mark(bytes)) assert(storage::encode_mark(*mark) == bytes);
    if (const auto id = storage::decode_id(bytes)) assert(storage::encode_id(*id) == bytes);
    if (const auto id = storage::decode_id_value({7}, bytes)) assert(storage::encode_id_value(*id) == bytes);
    if (const auto base = storage::decode_base_configuration(bytes))
        assert(storage::encode_base_configuration(*base) == bytes);
    if (const auto configuration = consensus::decode_configuration(bytes)) {
        assert(consensus::encode_configuration(configuration->configuration, configuration->note) == bytes);
        // Whatever a log says may follow must be safe to ask about.
        consensus::may_follow(configuration->configuration, configuration->configuration);
    }
    return 0;
}
