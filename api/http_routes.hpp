// The HTTP reads: what each path answers (design/interfaces.md, "HTTP, same port"; C2SP tlog-tiles). Knows
// nothing of sockets; safe from any thread that may call the backend.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/server_context.hpp"

namespace socai::api {

struct HttpAnswer {
    unsigned status = 200;
    std::string_view route;  // for metrics: one of a fixed few words
    std::string_view content_type;
    std::string_view cache_control;
    std::string_view allow;  // of a 405; empty otherwise
    std::string body;
    std::int64_t retry_after_s = 0;  // of a 429 or 503; 0: nothing is said
};

// `method` and `target` as the request line has them. A HEAD is answered like a GET; the session leaves the
// body out.
// But for add-checkpoint, which takes its time (below).
HttpAnswer answer_http(const ServerContext& context, const Asker& asker, std::string_view method,
                       std::string_view target);

// Does it read so much that it waits its turn in the pool for reads?
bool may_take_long(std::string_view target);
// Is it asked for by those who watch the node? Never refused for being asked often.
bool is_health(std::string_view target);
HttpAnswer http_overloaded(unsigned status, const Error& error);

// Is it a POST of a checkpoint to be cosigned?
bool is_add_checkpoint(std::string_view method, std::string_view target);
// `done` once, on any thread.
void add_checkpoint(ServerContext& context, std::string body, std::function<void(HttpAnswer)> done);

// {"error": {"reason", "detail"}}, as every HTTP fault is answered.
HttpAnswer http_error(unsigned status, std::string_view route, std::string_view reason,
                      const std::string& detail);

}  // namespace socai::api
