// One connection's account: who it is, or that it has none. Used on the connection's strand only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/sign_in.hpp"

namespace socai::api {

// Who asks at this moment, and who pays for what is asked.
struct Asker {
    inspection::Viewer viewer;
    // Signed in as; empty: without account. Still so when the time is over, until the connection signs out or in again.
    std::string kid{};
    std::string source{};
    // The sign-in is over: whatever shows more to some than to others is answered with sign_in_expired, because a part would
    // look like the whole.
    bool lapsed = false;
    std::string address{};  // of the client, without port; of IPv6 the first 64 bits
    bool near = false;      // on the node's own machine, or its workings are open to everybody (ServerOptions::open_metrics)

    bool has_account() const { return !kid.empty() && !lapsed; }
    // Metrics, and what node.status tells of the machine: free space, clocks, queues, damage.
    bool may_see_workings() const { return near || (has_account() && (viewer.agency || viewer.whole)); }
};
// Of a lapsed asker.
Error sign_in_expired();

class Session {
  public:
    // `connection`: never the number of another connection of this process.
    // `address`, `near`: as Asker's.
    Session(std::shared_ptr<SignIns> sign_ins, std::uint64_t connection, std::string address, bool near)
        : sign_ins_(std::move(sign_ins)), connection_(connection), address_(std::move(address)), near_(near) {}

    // Takes the place of an earlier sign-in, also of another account. Errors: SignIns::sign_in; the earlier one then stays.
    Result<SignedIn> sign_in(std::string_view token);
    // Something that the connection itself knows vouches for the account: a client certificate, at the handshake.
    void vouch(SignedIn signed_in) {
        vouched_ = std::move(signed_in);
        signed_in_ = vouched_;
    }
    // Ends what a token gave; what the connection itself vouches for stays.
    void sign_out() { signed_in_ = vouched_; }

    // Looked at anew for every call: keys are revoked while connections stay open.
    Asker asker() const;
    const std::optional<SignedIn>& signed_in() const { return signed_in_; }
    // Of the source that is signed in, as they are now.
    std::vector<std::string> roles() const;
    const std::string& address() const { return address_; }

  private:
    std::shared_ptr<SignIns> sign_ins_;
    std::uint64_t connection_;
    std::string address_;
    bool near_;
    std::optional<SignedIn> vouched_;
    std::optional<SignedIn> signed_in_;
};

}  // namespace socai::api
