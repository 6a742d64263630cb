// Runs a harness without libFuzzer: every seed, then changed copies of it, the same ones each time. So each parser meets hostile
// bytes in every test run, under the sanitizers too; the search for new paths is libFuzzer's (run).
//
// usage: <harness> SEED_FOLDER [CHANGED_COPIES]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void feed(const std::string& bytes) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// A seed that is not text stands in hexadecimal, in a file that ends in .hex; white space does not count.
std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (path.extension() != ".hex") return bytes;
    std::erase_if(bytes, [](char c) { return c == ' ' || c == '\n'; });
    std::string decoded;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        decoded += static_cast<char>(std::stoi(bytes.substr(i, 2), nullptr, 16));
    return decoded;
}

// One to four of: a byte flipped, taken out, put in or made special; the end cut off; a part doubled or moved; a piece of another seed put in.
std::string changed(std::string bytes, const std::vector<std::string>& seeds, std::mt19937_64& random) {
    static constexpr std::string_view special = "\0\n\r\t \"\\{}[]:,.=+/-\x7f\x80\xff";
    const auto below = [&](std::size_t end) {
        return static_cast<std::size_t>(random() % std::max<std::size_t>(end, 1));
    };
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
        const std::size_t at = below(bytes.size());
        const std::size_t length = std::min(bytes.size() - at, 1 + below(64));
        switch (below(8)) {
            case 0:
                if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                bytes.erase(at, length);
                break;
            case 2:
                bytes.insert(at, 1, special[below(special.size())]);
                break;
            case 3:
                if (!bytes.empty()) bytes[at] = special[below(special.size())];
                break;
            case 4:
                bytes.resize(at);
                break;
            case 5:
                bytes.insert(below(bytes.size()), bytes.substr(at, length));
                break;
            case 6: {
                const std::string& other = seeds[below(seeds.size())];
                const std::size_t from = below(other.size());
                bytes.insert(at, other, from, 1 + below(256));
                break;
            }
            default:
                bytes.insert(at, std::to_string(random() >> below(64)));
        }
    }
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " SEED_FOLDER [CHANGED_COPIES]\n";
        return 2;
    }
    const std::size_t copies = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20'000;
    std::vector<fs::path> paths;
    for (const auto& file : fs::directory_iterator(argv[1])) paths.push_back(file.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> seeds;
    for (const fs::path& path : paths) seeds.push_back(read(path));
    if (seeds.empty()) {
        std::cerr << argv[1] << " holds no seeds\n";
        return 2;
    }
    feed("");
    for (const std::string& seed : seeds) feed(seed);
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < copies; ++i) feed(changed(seeds[i % seeds.size()], seeds, random));
    std::cout << seeds.size() << " seeds and " << copies << " changed copies\n";
}
