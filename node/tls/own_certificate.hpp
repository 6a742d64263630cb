// The certificate that a node shows: made here, renewed here. New connections get the new one; those that stand keep
// theirs. Nothing of it is written to a file but the anchor, which is public.
//
// look() on one thread; the rest on any.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/jwk.hpp"
#include "node/tls/certificate.hpp"

namespace socai::node::tls {

using Context = std::shared_ptr<boost::asio::ssl::context>;

class OwnCertificate {
  public:
    struct Facts {
        std::string node;
        std::string origin;
        std::vector<std::string> hosts;  // beside the node's name
        std::uint32_t days = 90;         // of a leaf
        std::uint32_t age_days =
            0;  // leaves are made as if so long ago: for drills with one that has expired
    };

    OwnCertificate(ledger::KeyPair tls_key, Facts facts, std::int64_t now_ms);

    // Renews when a third of its time is left, or when the clock was set back to before it. True: it is another now.
    bool look(std::int64_t now_ms);

    // As it is now, for the peers' port (both sides) and for the API.
    Context peer() const;
    Context api() const;
    std::int64_t not_after_s() const;
    // Its renewal is overdue: less than this is left of its time when it should have been renewed long before.
    bool is_overdue(std::int64_t now_ms) const;
    const X509& anchor() const { return *anchor_; }

  private:
    struct Current {
        std::int64_t not_before_s = 0;
        std::int64_t not_after_s = 0;
        Context peer;
        Context api;
    };
    std::shared_ptr<const Current> make(std::int64_t now_ms) const;
    std::shared_ptr<const Current> current() const;

    const ledger::KeyPair tls_key_;
    const Facts facts_;
    const CertificatePtr anchor_;
    std::int64_t made_ms_ = 0;  // look()'s thread
    mutable std::mutex mutex_;  // guards the next
    std::shared_ptr<const Current> current_;
};

}  // namespace socai::node::tls
