// Carries out one call: finds its method, checks its parameters, waits for the read barrier, runs it, counts
// it.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <memory>

#include "api/json_rpc.hpp"
#include "api/limits/budgets.hpp"
#include "api/limits/read_pool.hpp"
#include "api/method.hpp"
#include "api/server_metrics.hpp"

namespace socai::api {

class Dispatcher {
  public:
    // All must outlive this and every call under way on a caller that is alive.
    Dispatcher(Backend& backend, const MethodTable& methods, ServerMetrics& metrics, const Limits& limits,
               Budgets& budgets, ReadPool& pool)
        : backend_(backend),
          methods_(methods),
          metrics_(metrics),
          limits_(limits),
          budgets_(budgets),
          pool_(pool) {}

    // On the caller's strand; `reply` is called there too, exactly once unless the caller dies, often before
    // this returns. The answer's values live in `storage`. Never throws.
    void call(RpcRequest&& request, const std::shared_ptr<Caller>& caller,
              const boost::json::storage_ptr& storage, Reply reply);

    // Does a call of this method change nothing, so that its answer may be dropped and asked for again?
    bool only_reads(std::string_view method) const;

  private:
    struct Read;

    void start(const Method& method, RpcRequest&& request, const std::shared_ptr<Caller>& caller,
               const boost::json::storage_ptr& storage, const Reply& reply);
    void read(const Method& method, ReadHandler handler, RpcRequest&& request,
              const std::shared_ptr<Caller>& caller, const boost::json::storage_ptr& storage,
              const Reply& reply);
    // Once the barrier let it through, on the caller's strand: carries it out there, or in the pool.
    void carry_out(std::shared_ptr<Read> read, const std::shared_ptr<Caller>& caller);
    Answer answer(const Read& read, const Asker& asker, const boost::json::storage_ptr& storage);

    Backend& backend_;
    const MethodTable& methods_;
    ServerMetrics& metrics_;
    const Limits& limits_;
    Budgets& budgets_;
    ReadPool& pool_;
};

}  // namespace socai::api
