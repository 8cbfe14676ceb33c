#pragma once

#include "daemon/async/spawn.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {
namespace asio = boost::asio;

inline std::string http_answer(const std::string& body, const std::string& status = "200 OK")
{
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

// A web server on the loopback interface that says what the test wants, byte for byte,
// whatever it is asked. It lives on the test's own event loop.
class TestServer {
public:
  using Tcp = asio::ip::tcp;

  enum class Ending {
    polite,  // TLS close_notify, then close
    rude,    // close
    reset,   // RST
    hanging, // nothing more is said
    mute,    // nothing at all is said, not even TLS
  };

  struct Manners {
    std::string answer = http_answer("hello");
    Ending ending = Ending::polite;
    std::uint16_t tunnel_to = 0; // a proxy: after the answer, joins the client to this port
    int max_tls = TLS1_3_VERSION;
    bool impatient = false; // answers before it was asked
  };

  // Plain HTTP.
  TestServer(asio::io_context& io, Manners manners) : TestServer(io, std::move(manners), nullptr) {}

  TestServer(asio::io_context& io, Manners manners, const Certified* certified)
    : state_(std::make_shared<State>(io, std::move(manners)))
  {
    if (certified) state_->use(*certified);
    spawn(io.get_executor(), "test server", accept(state_));
  }
  ~TestServer()
  {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }
  [[nodiscard]] std::string port_text() const { return std::to_string(port()); }
  // Heads and bodies, as they came.
  [[nodiscard]] const std::vector<std::string>& requests() const { return state_->requests; }
  // Connections on which at least one byte came.
  [[nodiscard]] int touched() const { return state_->touched; }

private:
  struct State {
    State(asio::io_context& io, Manners m)
      : manners(std::move(m)), acceptor(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
    }
    void use(const Certified& certified)
    {
      tls.emplace(asio::ssl::context::tls_server);
      SSL_CTX_set_security_level(tls->native_handle(), 0);
      SSL_CTX_set_max_proto_version(tls->native_handle(), manners.max_tls);
      SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_VERSION);
      tls->use_certificate_chain(asio::buffer(certified.certificate_pem()));
      tls->use_private_key(asio::buffer(certified.key_pem()), asio::ssl::context::pem);
    }

    const Manners manners;
    Tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls;
    std::vector<std::string> requests;
    std::vector<std::shared_ptr<void>> kept; // connections that hang
    int touched = 0;
  };
  using StatePtr = std::shared_ptr<State>;

  static constexpr auto as_tuple() { return asio::as_tuple(asio::use_awaitable); }

  static asio::awaitable<void> accept(StatePtr state)
  {
    for (;;) {
      auto [failed, socket] = co_await state->acceptor.async_accept(as_tuple());
      if (failed) co_return;
      const auto ex = state->acceptor.get_executor();
      spawn(ex, "test connection", serve(state, std::make_shared<Tcp::socket>(std::move(socket))));
    }
  }

  static asio::awaitable<void> serve(StatePtr state, std::shared_ptr<Tcp::socket> socket)
  {
    char first = 0;
    socket->non_blocking(true);
    const auto [none, ready] = co_await socket->async_receive(
        asio::buffer(&first, 1), Tcp::socket::message_peek, as_tuple());
    if (!none) ++state->touched;
    if (state->manners.ending == Ending::mute) {
      state->kept.push_back(socket);
      co_return;
    }
    if (!state->tls) {
      co_await converse(state, socket, *socket);
      co_return;
    }
    const auto stream = std::make_shared<asio::ssl::stream<Tcp::socket&>>(*socket, *state->tls);
    const auto [failed] =
        co_await stream->async_handshake(asio::ssl::stream_base::server, as_tuple());
    if (failed) co_return;
    co_await converse(state, socket, *stream);
    if (state->manners.ending == Ending::hanging) state->kept.push_back(stream);
    if (state->manners.ending == Ending::polite) {
      (void)co_await stream->async_shutdown(as_tuple());
    }
  }

  template <class Stream>
  static asio::awaitable<void>
  converse(StatePtr state, std::shared_ptr<Tcp::socket> socket, Stream& stream)
  {
    if (state->manners.impatient) {
      (void)co_await asio::async_write(stream, asio::buffer(state->manners.answer), as_tuple());
      co_return;
    }
    std::string request;
    const auto [unread, head] = co_await asio::async_read_until(
        stream, asio::dynamic_buffer(request), "\r\n\r\n", as_tuple());
    if (unread) co_return;
    if (const auto at = request.find("Content-Length: "); at != std::string::npos) {
      const auto missing = head + std::stoul(request.substr(at + 16)) - request.size();
      std::string rest(missing, '\0');
      (void)co_await asio::async_read(stream, asio::buffer(rest), as_tuple());
      request += rest;
    }
    state->requests.push_back(request);
    (void)co_await asio::async_write(stream, asio::buffer(state->manners.answer), as_tuple());
    if (state->manners.tunnel_to != 0) join(state, socket);
    if (state->manners.ending == Ending::hanging) state->kept.push_back(socket);
    if (state->manners.ending == Ending::reset) {
      socket->set_option(asio::socket_base::linger(true, 0));
      socket->close();
    }
  }

  static void join(const StatePtr& state, const std::shared_ptr<Tcp::socket>& client)
  {
    const auto ex = client->get_executor();
    const auto server = std::make_shared<Tcp::socket>(ex);
    server->connect(Tcp::endpoint(asio::ip::address_v4::loopback(), state->manners.tunnel_to));
    spawn(ex, "tunnel up", copy(client, server));
    spawn(ex, "tunnel down", copy(server, client));
  }

  static asio::awaitable<void> copy(std::shared_ptr<Tcp::socket> from,
                                    std::shared_ptr<Tcp::socket> to)
  {
    std::vector<char> bytes(16384);
    for (;;) {
      const auto [ended, size] = co_await from->async_read_some(asio::buffer(bytes), as_tuple());
      if (ended) break;
      const auto [failed, sent] =
          co_await asio::async_write(*to, asio::buffer(bytes.data(), size), as_tuple());
      if (failed) break;
    }
    boost::system::error_code ignored;
    to->shutdown(Tcp::socket::shutdown_send, ignored);
  }

  StatePtr state_;
};

} // namespace purser::test
