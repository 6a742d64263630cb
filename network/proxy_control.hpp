// The proxy's control protocol (proxy.hpp): one JSON object a line in, one out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "network/proxy_link.hpp"

namespace socai::network {

inline constexpr std::size_t max_control_line_bytes = 4 * 1024;
inline constexpr std::uint32_t max_delay_ms = 60'000;

struct ControlAnswer {
    std::string line;         // without the line end
    bool understood = false;  // false: the line is no JSON object, whoever sent it speaks another protocol
};

// Carries out the command that `line` (without its end) is on `links`; those that it adds listen on `strand`, which
// is the proxy's, as is the caller. Never throws for bad input.
ControlAnswer control(std::string_view line, std::vector<std::shared_ptr<ProxiedLink>>& links,
                      const boost::asio::any_io_executor& strand);
// {"ok":false,"detail":…}
std::string control_error(std::string_view detail);

}  // namespace socai::network
