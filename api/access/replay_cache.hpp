// Which connection used which access token first: a token that was overheard is of no use on another connection (RFC 7519
// §4.1.7, `jti`). In memory and bounded. Safe from any thread.
//
// Only tokens with a good signature come here, so that nobody but holders of registered keys takes room. When all of it is
// taken, room is made at the cost of the key that takes the most: its token that ends first is forgotten, and from then on no
// unknown token of that key is taken that ends as early, since it might be the forgotten one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace socai::api {

class ReplayCache {
  public:
    explicit ReplayCache(std::size_t max_tokens) : max_tokens_(max_tokens) {}

    enum class Verdict { accepted, replayed, full };
    // `ends_ms`: when the token is refused by its time in any case. `full`: the key has its share of the room and more.
    Verdict use(const std::string& kid, const std::string& id, std::uint64_t connection, std::int64_t ends_ms,
                std::int64_t now_ms);
    std::size_t size() const;

  private:
    struct Use {
        std::uint64_t connection = 0;
        std::int64_t ends_ms = 0;
    };
    struct OfKey {
        std::map<std::string, Use> by_id;
        std::multimap<std::int64_t, std::string> by_end;
        std::int64_t floor_ms = 0;  // a token of the key that is not known and ends by then is not taken
    };
    using Keys = std::map<std::string, OfKey>;

    void drop_ended(OfKey& key, std::int64_t now_ms);
    void drop_first(OfKey& key);
    bool make_room(const OfKey& asking, std::int64_t now_ms);

    const std::size_t max_tokens_;
    mutable std::mutex mutex_;  // guards everything below
    Keys keys_;
    std::size_t size_ = 0;
};

}  // namespace socai::api
