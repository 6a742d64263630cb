// One method of the API: what it is called, takes and gives, and what carries it out. The table of methods
// both dispatches and generates /openrpc.json, so that neither can know what the other does not.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "api/backend.hpp"
#include "api/error.hpp"
#include "api/parameter.hpp"
#include "api/reading.hpp"
#include "api/server.hpp"

namespace socai::api {

using Answer = Result<boost::json::object>;
// Called exactly once, on the caller's strand.
using Reply = std::function<void(Answer&&)>;

class Budgets;

// The connection that a call came over, as methods see it. Everything but `post` is for its strand only.
class Caller {
  public:
    virtual ~Caller() = default;
    // Runs `work` on the caller's strand, or drops it when the connection is gone. Any thread.
    virtual void post(std::function<void()> work) = 0;

    struct Subscribed {
        std::uint64_t id = 0;
        std::uint64_t from_index = 0;
    };
    // Of a filter, for somebody: `audience` narrows what the account sees, when it is given.
    virtual Result<Subscribed> subscribe(std::optional<std::uint64_t> from_index, inspection::Filter filter,
                                         std::optional<inspection::Viewer> audience) = 0;
    virtual Result<void> unsubscribe(std::uint64_t id) = 0;
    // Who the connection is, and what may still be asked for.
    virtual Session& session() = 0;
    virtual Budgets& budgets() = 0;
};

// Answers from local state once the read barrier let it through; `as_of` is added by who calls it.
using ReadHandler = Answer (*)(Reading& reading, const Arguments& arguments,
                               boost::json::storage_ptr storage);
// Works on the calling connection itself.
using SessionHandler = Answer (*)(Caller& caller, const Arguments& arguments);
// Answers when the backend does.
using CommandHandler = void (*)(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller> caller,
                                Reply reply);
struct Method {
    std::string_view name;
    std::string_view summary;
    std::vector<Parameter> parameters;
    std::string_view result;  // name of its schema in openrpc_schemas.hpp
    std::vector<Code> errors;
    std::variant<ReadHandler, SessionHandler, CommandHandler> handler;
    // Of a read: it may take long, and so waits its turn in the pool for reads instead of holding the connection's thread.
    bool may_take_long = false;
};

class MethodTable {
  public:
    explicit MethodTable(const Limits& limits);

    // Nothing when there is none of that name. Lives as long as the table.
    const Method* find(std::string_view name) const;
    const std::vector<Method>& all() const { return methods_; }  // sorted by name

  private:
    std::vector<Method> methods_;
};

}  // namespace socai::api
