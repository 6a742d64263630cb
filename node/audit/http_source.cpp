#include "node/audit/http_source.hpp"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "ledger/derived_mark.hpp"
#include "node/audit/http_fetch.hpp"
#include "node/audit/tile_source.hpp"

namespace socai::node::audit {
namespace {

class HttpSource : public TileSource {
  public:
    HttpSource(HttpTarget target, const SourceLimits& limits) : target_(std::move(target)), limits_(limits) {}

    std::string kind() const override { return "tiles over HTTP"; }
    // Whatever is no mark, a server of another kind may well say.
    Result<std::optional<std::uint64_t>> derived_mark(std::uint64_t size) override {
        const auto reply = get("derived/" + std::to_string(size), ledger::mark_text_bytes);
        if (!reply && reply.error().exit == Exit::unreachable) return reply.error();
        if (!reply || reply->status != 200) return std::optional<std::uint64_t>();
        return ledger::parse_mark(reply->body);
    }
    void give_up() override { given_up_ = true; }
    unsigned readers() const override { return limits_.connections; }

  protected:
    Result<std::optional<std::string>> fetch(const std::string& path, std::size_t max_bytes) override {
        auto reply = get(path, max_bytes);
        if (!reply) return reply.error();
        if (reply->status == 200) return std::optional(std::move(reply->body));
        if (reply->status == 404 || reply->status == 410) return std::optional<std::string>();
        std::string detail = target_.url() + "/" + path + " answers " + std::to_string(reply->status);
        if (reply->status == 401 || reply->status == 403)
            detail +=
                ": this ledger's entries need a credential; audit a node that opens them, a data folder or a "
                "backup";
        if (reply->status >= 300 && reply->status < 400)
            detail += ", a redirect, which is not followed: give the log's own address";
        return Error{Exit::unreachable, "refused_by_source", detail};
    }

  private:
    Result<HttpReply> get(const std::string& path, std::size_t max_bytes) {
        std::unique_ptr<HttpFetch> connection = take();
        auto reply = connection->get("/" + path, max_bytes);
        give_back(std::move(connection));
        return reply;
    }
    std::unique_ptr<HttpFetch> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty())
            return std::make_unique<HttpFetch>(target_, limits_.request, limits_.attempts, given_up_,
                                               limits_.trust);
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }
    void give_back(std::unique_ptr<HttpFetch> connection) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < limits_.connections) idle_.push_back(std::move(connection));
    }

    const HttpTarget target_;
    const SourceLimits limits_;
    std::atomic<bool> given_up_{false};
    std::mutex mutex_;  // guards idle_
    std::vector<std::unique_ptr<HttpFetch>> idle_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_http_source(const std::string& url, const SourceLimits& limits) {
    auto target = parse_http_target(url);
    if (!target) return target.error();
    return std::unique_ptr<Source>(std::make_unique<HttpSource>(*std::move(target), limits));
}

}  // namespace socai::node::audit
