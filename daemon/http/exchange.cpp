#include "daemon/http/exchange.hpp"

#include "common/version.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <utility>

namespace purser {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::uint32_t k_max_head = std::uint32_t{16} << 10; // of a response
constexpr int k_max_interim = 8;                              // responses with a status of 1xx
constexpr unsigned k_http_1_1 = 11;

// Tokens pass through: nothing keeps them in freed memory.
using Allocator = WipingAllocator<char>;
using Fields = http::basic_fields<Allocator>;
using Buffer = boost::beast::basic_flat_buffer<Allocator>;
using OutgoingBody = http::span_body<const char>;
using IncomingBody = http::vector_body<char, Allocator>;
using Parser = http::response_parser<IncomingBody, Allocator>;

constexpr auto k_as_tuple = asio::as_tuple(asio::use_awaitable);

boost::beast::string_view as_beast(std::string_view text)
{
  return {text.data(), text.size()};
}
std::string as_string(boost::beast::string_view text)
{
  return {text.data(), text.size()};
}

bool is_token(std::string_view text)
{
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~"; // RFC 9110 section 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [k_marks](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           k_marks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// Those that say how the message is framed are ours to say.
bool is_ours(std::string_view name)
{
  switch (http::string_to_field(as_beast(name))) {
  case http::field::host:
  case http::field::content_length:
  case http::field::transfer_encoding:
  case http::field::connection: return true;
  default: return false;
  }
}

Error read_failure(const boost::system::error_code& failed)
{
  static const auto& of_http = http::make_error_code(http::error::end_of_stream).category();
  if (failed == http::error::body_limit) return Error{Errc::unsafe, "the answer is too large"};
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow) {
    return Error{Errc::unsafe, "the head of the answer is too large"};
  }
  if (failed == http::error::end_of_stream) {
    return Error{Errc::transient, "it closed the connection without an answer"};
  }
  if (failed == http::error::partial_message || failed == asio::ssl::error::stream_truncated) {
    return Error{Errc::transient, "the connection broke off in the middle of the answer"};
  }
  if (failed.category() == of_http) return Error{Errc::protocol_error, "the answer is no HTTP"};
  return Error{Errc::transient, "no answer: " + failed.message()};
}

// Passes over interim responses.
template <class Stream>
asio::awaitable<Result<HttpResponse>>
read_response(Stream& connection, std::size_t max_body, bool without_body)
{
  Buffer buffer;
  for (int responses = 0; responses < k_max_interim; ++responses) {
    Parser parser;
    parser.header_limit(k_max_head);
    parser.body_limit(max_body);
    parser.skip(without_body);
    const auto [failed, size] = co_await http::async_read(connection, buffer, parser, k_as_tuple);
    if (failed) co_return read_failure(failed);
    const auto& message = parser.get();
    if (message.result_int() < 200 && message.result_int() != 101) continue;

    std::vector<HttpHeader> headers;
    for (const auto& field : message) {
      headers.push_back(HttpHeader{as_string(field.name_string()), as_string(field.value())});
    }
    Secret body(std::string_view(message.body().data(), message.body().size()));
    co_return HttpResponse(message.result_int(), std::move(headers), std::move(body));
  }
  co_return Error{Errc::protocol_error, "it sends interim responses without end"};
}

template <class Stream>
asio::awaitable<Result<HttpResponse>>
converse(Stream& connection, http::request<OutgoingBody, Fields> message, std::size_t max_body)
{
  const auto [failed, size] = co_await http::async_write(connection, message, k_as_tuple);
  if (failed) co_return Error{Errc::transient, "the request was not taken: " + failed.message()};
  const bool without_body = message.method() == http::verb::head;
  co_return co_await read_response(connection, max_body, without_body);
}

// Borrows the body of `request`.
http::request<OutgoingBody, Fields>
message_for(const HttpRequest& request, const Url& url, const Proxy* plain_proxy)
{
  http::request<OutgoingBody, Fields> message;
  message.version(k_http_1_1);
  message.method_string(as_beast(request.method));
  message.target(as_beast(plain_proxy ? "http://" + url.host_header() + url.target : url.target));
  message.body() = boost::beast::span<const char>(request.body.data(), request.body.size());
  message.set(http::field::host, as_beast(url.host_header()));
  message.set(http::field::user_agent, "purser/" + std::string(program_version()));
  message.set(http::field::accept_encoding, "identity");
  message.set(http::field::connection, "close");
  if (plain_proxy && !plain_proxy->authorization.empty()) {
    message.set(http::field::proxy_authorization, as_beast(plain_proxy->authorization.reveal()));
  }
  for (const auto& header : request.headers) {
    if (!is_ours(header.name)) message.set(as_beast(header.name), as_beast(header.value));
  }
  message.prepare_payload();
  return message;
}

Error tunnel_refusal(const Proxy& proxy, unsigned status)
{
  const auto what = proxy.name() + " refused to connect: status " + std::to_string(status);
  if (status == 407) {
    return Error{Errc::misconfigured, what + ", it wants a user name and a password in its URL"};
  }
  return Error{status >= 500 ? Errc::transient : Errc::misconfigured, what};
}

} // namespace

Result<> check_request(const HttpRequest& request)
{
  if (!is_token(request.method)) return Error{Errc::misconfigured, "the method is not valid"};
  for (const auto& header : request.headers) {
    if (!is_token(header.name))
      return Error{Errc::misconfigured, "the name of a header is not valid"};
    if (!is_value(header.value)) {
      return Error{Errc::misconfigured,
                   "the header " + header.name + " has a character that is not allowed"};
    }
  }
  return {};
}

asio::awaitable<Result<HttpResponse>> exchange(tcp::socket& connection,
                                               const HttpRequest& request,
                                               const Url& url,
                                               const Proxy* plain_proxy)
{
  auto message = message_for(request, url, plain_proxy);
  auto response = co_await converse(connection, std::move(message), request.max_body);
  // 407 can only be the proxy's; it shares all other statuses with the server.
  if (plain_proxy && response && response->status == 407) {
    co_return tunnel_refusal(*plain_proxy, response->status);
  }
  co_return response;
}

asio::awaitable<Result<HttpResponse>>
exchange(TlsStream& connection, const HttpRequest& request, const Url& url)
{
  auto message = message_for(request, url, nullptr);
  co_return co_await converse(connection, std::move(message), request.max_body);
}

asio::awaitable<Result<>> open_tunnel(tcp::socket& connection, const Url& url, const Proxy& proxy)
{
  http::request<http::empty_body, Fields> message;
  message.version(k_http_1_1);
  message.method(http::verb::connect);
  message.target(as_beast(url.authority()));
  message.set(http::field::host, as_beast(url.authority()));
  message.set(http::field::user_agent, "purser/" + std::string(program_version()));
  if (!proxy.authorization.empty()) {
    message.set(http::field::proxy_authorization, as_beast(proxy.authorization.reveal()));
  }
  const auto [unsent, written] = co_await http::async_write(connection, message, k_as_tuple);
  if (unsent) co_return Error{Errc::transient, proxy.name() + ": " + unsent.message()};

  Buffer buffer;
  http::response_parser<http::empty_body, Allocator> parser;
  parser.header_limit(k_max_head);
  parser.skip(true); // what follows is the tunnel
  const auto [unread, size] =
      co_await http::async_read_header(connection, buffer, parser, k_as_tuple);
  if (unread) {
    const auto failure = read_failure(unread);
    co_return Error{failure.code, proxy.name() + ": " + failure.what};
  }
  const auto status = parser.get().result_int();
  if (status < 200 || status > 299) co_return tunnel_refusal(proxy, status);
  // TLS begins with us: whatever comes before that is not from the server.
  if (buffer.size() > 0) co_return Error{Errc::unsafe, proxy.name() + " sent more than an answer"};
  co_return Result<>();
}

} // namespace purser
