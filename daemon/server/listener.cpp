#include "daemon/server/listener.hpp"

#include "daemon/async/spawn.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace purser {
namespace asio = boost::asio;

Listener::Listener(asio::any_io_executor ex,
                   Clock& clock,
                   RequestHandler& handler,
                   PeerCheck peers,
                   Acceptor acceptor)
  : ex_(std::move(ex))
  , clock_(clock)
  , handler_(handler)
  , peers_(std::move(peers))
  , acceptor_(std::move(acceptor))
  , last_active_(clock.now())
{
}

asio::awaitable<void> Listener::accept()
{
  while (!stopping_) {
    auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (stopping_ || ec == asio::error::operation_aborted) break;
    if (ec) { // out of descriptors or memory: others will free some
      if (!std::exchange(starved_, true)) spdlog::warn("cannot accept clients: {}", ec.message());
      co_await clock_.sleep_until(clock_.now() + k_accept_pause);
      continue;
    }
    starved_ = false;
    admit(std::move(socket));
  }
}

asio::awaitable<void> Listener::serve_one(Connection::Socket socket)
{
  auto peer = peers_.identify(socket.native_handle());
  if (!peer) co_return;
  Connection connection(std::move(socket), clock_, handler_, std::move(*peer));
  co_await connection.serve();
}

void Listener::admit(Connection::Socket socket)
{
  auto peer = peers_.identify(socket.native_handle());
  if (!peer) { // closed before a byte of it is read
    ++refused_;
    spdlog::warn("refused a client: its user is not served here");
    return;
  }
  make_room();
  last_active_ = clock_.now();
  auto connection =
      std::make_shared<Connection>(std::move(socket), clock_, handler_, std::move(*peer));
  const auto at = connections_.insert(connections_.end(), std::move(connection));
  spawn(ex_, "connection", run(at));
  if (!std::exchange(watching_, true)) spawn(ex_, "overdue connections", watch());
}

asio::awaitable<void> Listener::run(Connections::iterator at)
{
  const std::shared_ptr<Connection> connection = *at;
  co_await connection->serve();
  connections_.erase(at);
  last_active_ = clock_.now();
}

asio::awaitable<void> Listener::watch()
{
  while (!connections_.empty()) {
    co_await clock_.sleep_until(clock_.now() + k_look_interval);
    const BootTime now = clock_.now();
    for (const auto& connection : connections_)
      if (connection->overdue(now)) connection->close();
  }
  watching_ = false;
}

// Somebody who only sits there makes room for somebody who asks.
void Listener::make_room()
{
  if (connections_.size() < k_max_connections) return;
  for (const auto& connection : connections_) // oldest first
    if (connection->idle()) {
      connection->close();
      return;
    }
}

void Listener::drain_backlog()
{
  boost::system::error_code ec;
  acceptor_.non_blocking(true, ec);
  while (!ec) {
    Connection::Socket socket(ex_);
    acceptor_.accept(socket, ec);
    if (!ec) admit(std::move(socket));
  }
}

// A client that just connected may not have been heard yet: it gets a moment to ask.
asio::awaitable<void> Listener::stop()
{
  stopping_ = true;
  drain_backlog();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  const BootTime started = clock_.now();
  while (!connections_.empty() && clock_.now() < started + k_drain_limit) {
    co_await clock_.sleep_until(clock_.now() + k_drain_step);
    const bool patient = clock_.now() < started + k_drain_grace;
    for (const auto& connection : connections_)
      if (!patient || !connection->idle()) connection->finish();
  }
  for (const auto& connection : connections_)
    connection->close();
}

} // namespace purser
