#include "daemon/server/connection.hpp"

#include "common/protocol.hpp"
#include "common/wiping.hpp"
#include "daemon/async/spawn.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace purser {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using Body = http::vector_body<char, WipingAllocator<char>>;
using Parser = http::request_parser<Body>;

// Bytes asked for in one read: a whole request of the helper, nearly always.
constexpr std::size_t k_read_size = std::size_t{4} << 10;

// Taken off the client's own deadline, for the way back.
constexpr Duration k_way_back = std::chrono::milliseconds(200);

std::optional<long> number(boost::beast::string_view text)
{
  long value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::string_view header(const Parser& parser, std::string_view name)
{
  const auto found = parser.get().find(boost::beast::string_view(name.data(), name.size()));
  if (found == parser.get().end()) return {};
  return {found->value().data(), found->value().size()};
}

// How long the client waits; nothing where it says something that is no number.
std::optional<Duration> patience_of(const Parser& parser)
{
  constexpr Duration most = std::chrono::milliseconds(protocol::k_wait_limit_ms);
  const auto text = header(parser, protocol::k_deadline_header);
  if (text.empty()) return most;
  const auto milliseconds = number(text);
  if (!milliseconds || *milliseconds < 0) return std::nullopt;
  const Duration asked = std::chrono::milliseconds(std::min(*milliseconds, 60'000L));
  return std::clamp<Duration>(asked - k_way_back, Duration::zero(), most);
}

bool version_is_known(const Parser& parser)
{
  const auto text = header(parser, protocol::k_version_header);
  if (text.empty()) return true; // people with curl
  const auto version = number(text);
  return version && *version >= 1 && *version <= 999;
}

std::string_view reason(unsigned status)
{
  const auto text = http::obsolete_reason(static_cast<http::status>(status));
  return {text.data(), text.size()};
}

} // namespace

struct Connection::Incoming {
  Incoming()
  {
    parser.header_limit(static_cast<std::uint32_t>(protocol::k_max_head));
    parser.body_limit(protocol::k_max_body);
    parser.eager(true);
  }

  Parser parser;
  unsigned refused = 0; // the status to refuse with
};

Connection::Connection(ClientSocket socket, Clock& clock, RequestHandler& handler, Peer peer)
  : socket_(std::move(socket))
  , clock_(clock)
  , handler_(handler)
  , peer_(std::move(peer))
  , since_(clock.now())
  , deadline_(since_ + k_head_limit)
{
}

void Connection::close()
{
  socket_.close();
}

void Connection::finish()
{
  finishing_ = true;
  if (idle_) close();
}

asio::awaitable<void> Connection::serve()
{
  while (!finishing_ && socket_.is_open()) {
    Incoming incoming;
    if (!co_await read(incoming)) break;
    deadline_ = BootTime::max(); // the handler keeps its own time
    if (!co_await answer(incoming)) break;
    idle_ = true;
    first_ = false;
    since_ = clock_.now();
    deadline_ = since_ + k_idle_limit;
  }
  close();
}

// False where the connection ended, or is of no use any more.
asio::awaitable<bool> Connection::read(Incoming& incoming)
{
  Parser& parser = incoming.parser;
  std::size_t filled = unread_.size();
  for (;;) {
    if (filled != 0) {
      idle_ = false;
      boost::system::error_code problem;
      const auto used = parser.put(asio::buffer(unread_.data(), filled), problem);
      unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(used));
      filled -= used;
      if (problem == http::error::need_more) problem = {};
      if (problem == http::error::body_limit)
        incoming.refused = 413;
      else if (problem == http::error::header_limit)
        incoming.refused = 431;
      else if (problem)
        incoming.refused = 400;
      if (incoming.refused != 0) co_return true;
      if (parser.is_done()) {
        unread_.resize(filled);
        co_return true;
      }
      if (parser.is_header_done()) deadline_ = since_ + k_request_limit;
    }
    unread_.resize(filled + k_read_size);
    const std::size_t size = co_await socket_.read_some({unread_.data() + filled, k_read_size});
    if (size == 0) co_return false;
    if (filled == 0 && idle_ && !first_) {
      since_ = clock_.now();
      deadline_ = since_ + k_head_limit;
    }
    filled += size;
    unread_.resize(filled);
  }
}

asio::awaitable<bool> Connection::answer(Incoming& incoming)
{
  const auto patience = patience_of(incoming.parser);
  if (incoming.refused == 0 && (!patience || !version_is_known(incoming.parser)))
    incoming.refused = 400;
  if (incoming.refused != 0) {
    spdlog::info("refused a request of process {} with status {}", peer_.pid, incoming.refused);
    const ServerResponse refusal(incoming.refused,
                                 "purser: the request is malformed or too large\n");
    co_await send(refusal, false);
    co_return false;
  }
  auto message = incoming.parser.release();
  const bool keep_alive = message.keep_alive() && !finishing_;
  ServerRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.body = std::move(message.body());
  request.peer = peer_;
  request.received_at = clock_.now();
  request.patience = *patience;
  const auto response = co_await within_memory(handler_.handle(std::move(request)));
  if (response) {
    const bool sent = co_await send(*response, keep_alive);
    co_return sent&& keep_alive;
  }
  spdlog::error("a request of process {} failed: {}", peer_.pid, response.error().what);
  const ServerResponse refusal(503, "purser: " + response.error().what + "\n");
  co_await send(refusal, false);
  co_return false;
}

asio::awaitable<bool> Connection::send(const ServerResponse& response, bool keep_alive)
{
  deadline_ = clock_.now() + k_answer_limit;
  std::string head = "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason(response.status);
  head += "\r\nContent-Type: ";
  head += response.content_type;
  if (response.for_standard_error) {
    head += "\r\n";
    head += protocol::k_stream_header;
    head += ": stderr";
  }
  head += "\r\nContent-Length: ";
  head += std::to_string(response.body.size());
  head += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  co_return co_await socket_.write(head, {response.body.data(), response.body.size()});
}

} // namespace purser
