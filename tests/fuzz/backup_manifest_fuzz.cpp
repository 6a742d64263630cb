// Any bytes as the manifest of a backup: refused with a sentence, or what is written anew says the same. No file that it
// lists lies outside the backup's two databases.
#include <cassert>
#include <cstdint>
#include <string_view>

#include "storage/backup.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace socai::storage;
    const auto manifest = decode_manifest({reinterpret_cast<const char*>(data), size}, "backup");
    if (!manifest) {
        assert(!manifest.error().detail.empty());
        return 0;
    }
    const auto again = decode_manifest(encode_manifest(*manifest), "backup");
    assert(again && encode_manifest(*again) == encode_manifest(*manifest));
    assert(again->made_ms == manifest->made_ms && again->last == manifest->last);
    for (const BackupFile& file : manifest->files) {
        assert(file.name.starts_with("log/") || file.name.starts_with("state/"));
        assert(file.name.find('/') == file.name.rfind('/') && file.name.find("..") == std::string::npos);
    }
    return 0;
}
