// Text messages that are not calls, or calls that no method takes (JSON-RPC 2.0, design/interfaces.md).
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace socai::cluster_tests {

struct BadMessage {
    std::string name;
    int code = 0;
    std::string reason;
    boost::json::value id;  // of the answer
    std::string text;
};

std::vector<BadMessage> bad_messages();

}  // namespace socai::cluster_tests
