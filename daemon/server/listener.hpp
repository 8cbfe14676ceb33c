#pragma once

#include "common/file_descriptor.hpp"
#include "daemon/async/event.hpp"
#include "daemon/server/connection.hpp"
#include "daemon/server/connection_tally.hpp"
#include "daemon/server/peer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace purser {

// Accepts clients on one listening socket and keeps their connections within limits.
class Listener {
public:
  using Acceptor = boost::asio::local::stream_protocol::acceptor;

  static constexpr std::size_t k_max_connections = 2048;
  static constexpr std::size_t k_spare_descriptors = 64; // for what requests need
  static constexpr int k_most_displaced = 16;            // at once, where there are none left
  static constexpr int k_most_in_a_row = 16;             // then others have their turn
  static constexpr int k_most_waiting = 4096;            // a full backlog
  static constexpr Duration k_accept_pause = std::chrono::milliseconds(100); // no descriptors left
  static constexpr Duration k_look_interval = std::chrono::milliseconds(500);
  static constexpr Duration k_drain_limit = std::chrono::seconds(5);
  static constexpr Duration k_drain_grace = std::chrono::milliseconds(100);
  static constexpr Duration k_drain_step = std::chrono::milliseconds(10);

  Listener(boost::asio::any_io_executor ex,
           Clock& clock,
           RequestHandler& handler,
           PeerCheck peers,
           Acceptor acceptor);

  // Accepts until stop(). Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> accept();
  // Answers one client, who is connected already, and returns.
  [[nodiscard]] boost::asio::awaitable<void> serve_one(FileDescriptor connected);

  // The same listening socket, which goes on to take clients into its queue after stop().
  [[nodiscard]] FileDescriptor duplicate();

  // Accepts who is already waiting, answers everybody who asked, at most k_drain_limit,
  // and closes the rest.
  [[nodiscard]] boost::asio::awaitable<void> stop();

  // Who is served from now on.
  void replace_peers(PeerCheck peers) { peers_ = std::move(peers); }

  [[nodiscard]] ConnectionTally tally() const;
  [[nodiscard]] BootTime last_active() const { return last_active_; }
  [[nodiscard]] bool quiet() const { return connections_.empty(); }

private:
  using Connections = std::list<std::shared_ptr<Connection>>;

  std::optional<int> accept_waiting(int most);
  void admit(FileDescriptor connected);
  boost::asio::awaitable<void> run(Connections::iterator at);
  boost::asio::awaitable<void> watch(); // closes what is overdue
  void make_room();
  bool displace();
  bool displace_some();

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  RequestHandler& handler_;
  PeerCheck peers_;
  Acceptor acceptor_;
  std::size_t most_; // connections, as descriptors allow
  Connections connections_;
  BootTime last_active_;
  ConnectionTally tally_; // but for those that are open
  bool watching_ = false;
  bool starved_ = false; // said so already
  bool stopping_ = false;
};

} // namespace purser
