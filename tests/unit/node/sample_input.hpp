// Records and keys as the client's tests use them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ledger/jwk.hpp"

namespace socai::node::test {

// The JSON of one record, in one line.
inline std::string record(std::string_view source, std::string_view id, std::string_view kind = "alert",
                          std::string_view remark = "") {
    return R"({"specversion":"1.0","id":")" + std::string(id) + R"(","source":")" + std::string(source) +
           R"(","type":"vn.socai.)" + std::string(kind) +
           R"(.v1","subject":"S-1","time":"2021-09-27T10:05:11+07:00","datacontenttype":"application/json",)"
           R"("data":{"remark":")" +
           std::string(remark) + R"(","refs":[]}})";
}

// The same key for the same agency, every time.
inline ledger::Jwk key_of(std::string_view agency) {
    std::array<std::uint8_t, 32> seed{};
    for (std::size_t i = 0; i < agency.size() && i < seed.size(); ++i)
        seed[i] = static_cast<std::uint8_t>(agency[i]);
    return {std::string(agency) + "/1", ledger::KeyPair::from_seed(seed)};
}

}  // namespace socai::node::test
