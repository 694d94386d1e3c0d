// The Asio types that every program uses, named once. Executors are concrete (`awaitable<T,
// io_context::executor_type>`): ThreadSanitizer does not follow the type-erased ones.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pult {

namespace asio = boost::asio;
using IoExecutor = asio::io_context::executor_type;
template <typename T = void>
using Task = asio::awaitable<T, IoExecutor>;
inline constexpr asio::use_awaitable_t<IoExecutor> use_task{};
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
using ErrorCode = boost::system::error_code;

} // namespace pult
