#include "daemon/server/listener.hpp"

#include "daemon/async/spawn.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

// At least half of the descriptors are for clients, and some are not.
std::size_t most_connections()
{
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return Listener::k_max_connections;
  const rlim_t spare = std::min<rlim_t>(Listener::k_spare_descriptors, limit.rlim_cur / 2);
  return std::min<rlim_t>(Listener::k_max_connections, limit.rlim_cur - spare);
}

bool lacks_descriptors(int problem)
{
  return problem == EMFILE || problem == ENFILE;
}

} // namespace

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
  , most_(most_connections())
  , last_active_(clock.now())
{
  boost::system::error_code ignored; // the one of serve_one() is not open
  acceptor_.native_non_blocking(true, ignored);
}

asio::awaitable<void> Listener::accept()
{
  while (!stopping_) {
    const auto problem = accept_waiting(k_most_in_a_row);
    const bool made_room = problem && lacks_descriptors(*problem) && displace_some();
    if (!problem || made_room) { // more may wait
      co_await asio::post(ex_, asio::use_awaitable);
    } else if (*problem == EAGAIN) {
      const auto [ec] =
          co_await acceptor_.async_wait(Acceptor::wait_read, asio::as_tuple(asio::use_awaitable));
      if (ec) break;
    } else { // out of descriptors or memory: others will free some
      if (!std::exchange(starved_, true))
        spdlog::warn("cannot accept clients: {}", std::generic_category().message(*problem));
      co_await clock_.sleep_until(clock_.now() + k_accept_pause);
    }
  }
}

// Admits those who wait, up to `most`. What accept() failed with where it did; EAGAIN
// says that nobody waits any more.
std::optional<int> Listener::accept_waiting(int most)
{
  for (int accepted = 0; accepted < most;) {
    FileDescriptor client(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client.is_open()) {
      ++accepted;
      starved_ = false;
      admit(std::move(client));
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return errno;
    }
  }
  return std::nullopt;
}

asio::awaitable<void> Listener::serve_one(FileDescriptor connected)
{
  auto peer = peers_.identify(connected.number());
  if (!peer) co_return;
  Connection connection(ClientSocket(ex_, std::move(connected)), clock_, handler_,
                        std::move(*peer));
  co_await connection.serve();
}

void Listener::admit(FileDescriptor connected)
{
  auto peer = peers_.identify(connected.number());
  if (!peer) { // closed before a byte of it is read
    ++tally_.refused;
    spdlog::warn("refused a client: its user is not served here");
    return;
  }
  ++tally_.accepted;
  make_room();
  last_active_ = clock_.now();
  auto connection = std::make_shared<Connection>(ClientSocket(ex_, std::move(connected)), clock_,
                                                 handler_, std::move(*peer));
  const auto at = connections_.insert(connections_.end(), std::move(connection));
  spawn(ex_, "connection", run(at));
  if (!std::exchange(watching_, true)) spawn(ex_, "overdue connections", watch());
}

ConnectionTally Listener::tally() const
{
  ConnectionTally tally = tally_;
  tally.open = connections_.size();
  return tally;
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
      if (connection->overdue(now)) {
        ++(connection->idle() ? tally_.idle : tally_.slow);
        connection->close();
      }
  }
  watching_ = false;
}

// Somebody who only sits there makes room for somebody who asks.
void Listener::make_room()
{
  if (connections_.size() >= most_) (void)displace();
}

// The oldest who sits there. False where everybody is being answered.
bool Listener::displace()
{
  for (const auto& connection : connections_) // oldest first
    if (connection->idle()) {
      ++tally_.displaced;
      connection->close();
      return true;
    }
  return false;
}

// For those who wait, and what their requests need.
bool Listener::displace_some()
{
  int displaced = 0;
  while (displaced < k_most_displaced && displace())
    ++displaced;
  return displaced != 0;
}

FileDescriptor Listener::duplicate()
{
  return FileDescriptor(::fcntl(acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0));
}

// A client that just connected may not have been heard yet: it gets a moment to ask.
asio::awaitable<void> Listener::stop()
{
  stopping_ = true;
  (void)accept_waiting(k_most_waiting);
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
