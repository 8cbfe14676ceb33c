#pragma once

#include "daemon/server/client_socket.hpp"
#include "daemon/server/peer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

namespace purser {

// One client's connection, from the peer check to the last answer.
//
// Times are kept by the owner: it looks at overdue() now and then and calls close(),
// which ends serve(). That costs nothing per request.
class Connection {
public:
  static constexpr Duration k_head_limit = std::chrono::seconds(5);
  static constexpr Duration k_request_limit = std::chrono::seconds(30);
  static constexpr Duration k_answer_limit = std::chrono::seconds(30); // the client reads it
  static constexpr Duration k_idle_limit = std::chrono::seconds(30);   // between two requests

  Connection(ClientSocket socket, Clock& clock, RequestHandler& handler, Peer peer);

  // Reads and answers requests until the client or we have had enough. Never throws
  // for what the client did.
  [[nodiscard]] boost::asio::awaitable<void> serve();

  void close();
  [[nodiscard]] bool overdue(BootTime now) const { return socket_.is_open() && now >= deadline_; }
  // Nothing of a request has arrived that we would lose by closing.
  [[nodiscard]] bool idle() const { return idle_ && socket_.is_open(); }
  [[nodiscard]] BootTime since() const { return since_; }
  // After the answer that is being worked on, if any, the connection closes.
  void finish();

private:
  struct Incoming;
  boost::asio::awaitable<bool> read(Incoming& incoming);
  boost::asio::awaitable<bool> answer(Incoming& incoming);
  boost::asio::awaitable<bool> send(const ServerResponse& response, bool keep_alive);

  ClientSocket socket_;
  Clock& clock_;
  RequestHandler& handler_;
  Peer peer_;
  WipingBuffer unread_; // bytes of the next request that came with the last one
  BootTime since_;
  BootTime deadline_;
  bool idle_ = true;
  bool first_ = true; // no request was answered yet
  bool finishing_ = false;
};

} // namespace purser
