#include "node/client/sign_in.hpp"

#include <sodium/randombytes.h>

#include <array>
#include <chrono>
#include <string_view>

#include "ledger/access_token.hpp"
#include "ledger/base64.hpp"

namespace socai::node::client {

std::string make_token(const SignIn& sign_in, const std::string& origin) {
    std::array<char, 16> id;
    randombytes_buf(id.data(), id.size());
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return ledger::make_access_token(
        sign_in.key, {.audience = origin,
                      .issued_s = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                      .id = ledger::base64url(std::string_view(id.data(), id.size())),
                      .on_behalf = sign_in.on_behalf});
}

}  // namespace socai::node::client
