#include "cli/control_client.hpp"

#include "cli/own_home.hpp"
#include "cli/printable.hpp"
#include "common/forwarded_entries.hpp"
#include "common/protocol.hpp"
#include "common/socket_path.hpp"
#include "common/trusted_peer.hpp"
#include "common/wiping.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace purser::cli {
namespace {

namespace http = boost::beast::http;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t k_max_response = std::size_t{16} << 20;

class Connection {
public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection()
  {
    if (fd_ >= 0) ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int get() const { return fd_; }

private:
  int fd_;
};

std::string_view variable(const char* name)
{
  const char* value = ::secure_getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

Error no_answer(const std::string& socket)
{
  return {Errc::timeout,
          "no answer from the daemon at " + socket +
              " in time; see what it logged (journalctl --user -u purser), or restart "
              "it: systemctl --user restart purser, or end purserd"};
}

Error failed(std::string_view verb, const std::string& socket)
{
  const int reason = errno;
  const std::string what =
      std::string(verb) + " " + socket + ": " + std::generic_category().message(reason);
  if (reason == ENOENT || reason == ECONNREFUSED)
    return Error(Errc::not_configured,
                 "no daemon listens at " + socket +
                     (starts_are_forbidden()
                          ? ", and PURSER_NO_START forbids to start one; unset it, or run: "
                          : "; the next docker pull starts one, or: ") +
                     "systemctl --user start purser.socket");
  if (reason == EAGAIN || reason == EWOULDBLOCK) return no_answer(socket);
  return Error(Errc::misconfigured, "cannot " + what);
}

// A blocking connect: on a Unix socket a full backlog fails at once otherwise.
Result<> connect(int fd, const std::string& socket, std::chrono::milliseconds limit)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path))
    return Error(Errc::misconfigured, "the path of the socket is too long: " + socket);
  std::memcpy(address.sun_path, socket.data(), socket.size());
  timeval wait{};
  wait.tv_sec = limit.count() / 1000;
  wait.tv_usec = limit.count() % 1000 * 1000;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return failed("connect to", socket);
  return {};
}

// Another user's daemon must not be believed.
Result<> check_server(int fd, const std::string& socket)
{
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return failed("examine", socket);
  if (!is_trusted_peer(peer.uid, variable("PURSER_SOCKET_UID"), variable("PURSER_SOCKET")))
    return Error(Errc::unsafe, socket + " is held by another user; it is not asked");
  return {};
}

Result<> send_all(int fd, const std::string& socket, std::string_view rest)
{
  while (!rest.empty()) {
    const auto sent = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return failed("write to", socket);
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

std::string head_of(std::string_view method, std::string_view target, std::size_t body_size)
{
  std::string head = std::string(method) + " " + std::string(target) +
                     " HTTP/1.1\r\nHost: purser\r\n" + std::string(protocol::k_version_header) +
                     ": " + std::to_string(protocol::k_version) + "\r\nConnection: close\r\n";
  if (body_size != 0) head += "Content-Length: " + std::to_string(body_size) + "\r\n";
  return head + "\r\n";
}

bool wait_readable(int fd, SteadyTime deadline)
{
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  pollfd wanted{fd, POLLIN, 0};
  return left.count() > 0 && ::poll(&wanted, 1, static_cast<int>(left.count())) > 0;
}

// Everything until the daemon closes, which it does after one answer.
Result<std::string> read_response(int fd, const std::string& socket, SteadyTime deadline)
{
  std::string response;
  std::array<char, 16'384> piece{};
  while (response.size() <= k_max_response) {
    if (!wait_readable(fd, deadline)) return no_answer(socket);
    const auto got = ::recv(fd, piece.data(), piece.size(), 0);
    // Reset: it closed before it had read our request to its end.
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return response;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read from", socket);
    response.append(piece.data(), static_cast<std::size_t>(got));
  }
  return Error(Errc::protocol_error, "the daemon's answer is larger than 16 MiB");
}

Error daemon_error(const nlohmann::json& body, unsigned status)
{
  const auto pointer = nlohmann::json::json_pointer("/error/message");
  if (body.is_object() && body.contains(pointer) && body[pointer].is_string())
    return Error(Errc::internal, printable(body[pointer].get_ref<const std::string&>()));
  return Error(Errc::internal, "the daemon answered with status " + std::to_string(status));
}

Error error_of(const std::string& body, unsigned status)
{
  return daemon_error(nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false), status);
}

using Response = http::response<http::string_body>;

Result<Response> parse_any(const std::string& bytes)
{
  http::response_parser<http::string_body> parser;
  parser.body_limit(k_max_response);
  parser.eager(true);
  boost::system::error_code problem;
  parser.put(boost::asio::buffer(bytes), problem);
  if (problem || !parser.is_done())
    return Error(Errc::protocol_error,
                 "the daemon's answer is incomplete or not HTTP; compare: purser version");
  return parser.release();
}

// The body of a response that says 200.
Result<std::string> parse_response(const std::string& bytes)
{
  auto response = parse_any(bytes);
  if (!response) return response.error();
  if (response->result_int() != 200) return error_of(response->body(), response->result_int());
  return std::move(response->body());
}

Result<nlohmann::json> object_of(const std::string& text)
{
  auto body = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object())
    return Error(Errc::protocol_error, "the daemon's answer is not JSON; compare: purser version");
  return body;
}

Result<nlohmann::json> parse_json(const Result<std::string>& bytes)
{
  if (!bytes) return bytes.error();
  const auto text = parse_response(*bytes);
  if (!text) return text.error();
  return object_of(*text);
}

} // namespace

bool starts_are_forbidden()
{
  const auto value = variable("PURSER_NO_START");
  return !value.empty() && value != "0";
}

ControlClient::ControlClient(std::string socket, std::chrono::milliseconds limit)
  : socket_(std::move(socket)), limit_(limit)
{
}

Result<ControlClient> ControlClient::from_environment(std::chrono::milliseconds limit)
{
  SocketSearch search;
  search.purser_socket = variable("PURSER_SOCKET");
  search.xdg_runtime_dir = variable("XDG_RUNTIME_DIR");
  search.home = variable("HOME");
  search.euid = ::geteuid();
  const auto run_user = "/run/user/" + std::to_string(search.euid);
  struct stat status {};
  search.run_user_is_ours = ::lstat(run_user.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
                            status.st_uid == search.euid;
  if (search.purser_socket.empty())
    if (const auto own = check_home(); !own) return own.error();
  const auto found = find_socket_path(search);
  if (found.problem == SocketPath::Problem::none)
    return ControlClient(std::string(found.view()), limit);
  if (found.problem == SocketPath::Problem::no_home)
    return Error(Errc::misconfigured, "no place for the socket: set HOME or PURSER_SOCKET");
  return Error(Errc::misconfigured,
               std::string(found.variable) + (found.problem == SocketPath::Problem::relative
                                                  ? " is not an absolute path"
                                                  : " is too long for the path of a socket"));
}

Result<std::string> ControlClient::get_text(std::string_view target) const
{
  const auto bytes = exchange("GET", target, {});
  if (!bytes) return bytes.error();
  return parse_response(*bytes);
}

Result<nlohmann::json> ControlClient::get(std::string_view target) const
{
  return parse_json(exchange("GET", target, {}));
}

Result<std::string> ControlClient::send_input(std::string_view target, std::string_view input) const
{
  WipingBuffer body(protocol::k_max_environment);
  const std::size_t size = write_entries(body);
  if (size == 0)
    return Error(Errc::misconfigured, "the AWS_, PURSER_ and other variables to pass on are over "
                                      "256 KiB: unset those that are not needed");
  body.resize(size);
  append(body, input);
  return exchange("POST", target, {body.data(), body.size()});
}

Result<nlohmann::json> ControlClient::post(std::string_view target, std::string_view input) const
{
  return parse_json(send_input(target, input));
}

Result<Reply> ControlClient::post_for_reply(std::string_view target, std::string_view input) const
{
  const auto bytes = send_input(target, input);
  if (!bytes) return bytes.error();
  const auto response = parse_any(*bytes);
  if (!response) return response.error();
  auto body = object_of(response->body());
  if (!body) return body.error();
  return Reply{response->result_int(), std::move(*body)};
}

Result<nlohmann::json> ControlClient::post_json(std::string_view target,
                                                const nlohmann::json& body) const
{
  return parse_json(exchange("POST", target, body.dump()));
}

Result<std::string> ControlClient::exchange(std::string_view method,
                                            std::string_view target,
                                            std::string_view body) const
{
  const auto deadline = std::chrono::steady_clock::now() + limit_;
  const Connection connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.get() < 0) return failed("make a socket for", socket_);
  const int fd = connection.get();
  if (const auto done = connect(fd, socket_, limit_); !done) return done.error();
  if (const auto done = check_server(fd, socket_); !done) return done.error();
  const std::string head = head_of(method, target, body.size());
  if (const auto done = send_all(fd, socket_, head); !done) return done.error();
  // A daemon that refuses may close before it has read it all: its answer is there.
  (void)send_all(fd, socket_, body);
  return read_response(fd, socket_, deadline);
}

} // namespace purser::cli
