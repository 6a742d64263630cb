// Starts a coroutine that nobody waits for. Its function object lives as long as the coroutine, so captures
// may be used in it. Operations report errors as values (stream.hpp), so an exception here is a fault of the
// program or a lack of memory: it leaves through io_context::run() instead of being lost.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace socai::network {

template <class Executor, class Function>
void spawn(const Executor& executor, Function function) {
    boost::asio::co_spawn(executor, std::move(function), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
}

}  // namespace socai::network
