#include "node/audit/tile_folder_source.hpp"

#include <filesystem>

#include "node/audit/tile_source.hpp"
#include "node/files.hpp"

namespace socai::node::audit {
namespace {

class TileFolderSource : public TileSource {
  public:
    explicit TileFolderSource(std::string folder) : folder_(std::move(folder)) {}
    std::string kind() const override { return "folder of tiles"; }
    unsigned readers() const override { return 2; }

  protected:
    Result<std::optional<std::string>> fetch(const std::string& path, std::size_t max_bytes) override {
        const std::string file = folder_ + "/" + path;
        std::error_code error;
        if (!std::filesystem::is_regular_file(file, error)) return std::optional<std::string>();
        auto bytes = read_file(file, max_bytes);
        if (bytes) return std::optional(*std::move(bytes));
        if (bytes.error().reason != "file_too_large") return bytes.error();
        return Error{Exit::no, "too_much_data",
                     file + " has more than the " + std::to_string(max_bytes) + " bytes that it can have"};
    }

  private:
    const std::string folder_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_tile_folder_source(const std::string& folder) {
    return std::unique_ptr<Source>(std::make_unique<TileFolderSource>(folder));
}

}  // namespace socai::node::audit
