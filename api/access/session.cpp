#include "api/access/session.hpp"

#include <utility>

namespace socai::api {

Error sign_in_expired() {
    return Error{
        Code::forbidden, "sign_in_expired",
        "the sign-in of this connection is over, by its time or because its key is no longer valid; call "
        "session.sign_in with a new access token, or session.sign_out to go on without account",
        true};
}

Result<SignedIn> Session::sign_in(std::string_view token) {
    auto signed_in = sign_ins_->sign_in(token, connection_);
    if (signed_in) signed_in_ = *signed_in;
    return signed_in;
}

std::vector<std::string> Session::roles() const {
    if (!signed_in_) return {};
    const auto registry = sign_ins_->backend().registry();
    const ledger::Agency* agency = registry->agency(signed_in_->account.source);
    return agency == nullptr ? std::vector<std::string>() : agency->roles;
}

Asker Session::asker() const {
    Asker asker{.viewer = {}, .address = address_, .near = near_};
    if (!signed_in_) {
        asker.viewer = sign_ins_->backend().anonymous();
        return asker;
    }
    asker.kid = signed_in_->account.kid;
    asker.source = signed_in_->account.source;
    if (auto viewer = sign_ins_->viewer_of(*signed_in_))
        asker.viewer = *std::move(viewer);
    else
        asker.lapsed = true;
    return asker;
}

}  // namespace socai::api
