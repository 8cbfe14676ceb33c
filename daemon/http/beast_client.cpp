#include "daemon/http/beast_client.hpp"

#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/http/dial.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/seal/stack.hpp"

#include <string.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace purser {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr Duration k_lookup_limit = std::chrono::seconds(12); // more than HttpRequest::limit

std::string in_seconds(Duration limit)
{
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  auto text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(1000 + ms % 1000).substr(1);
  return text + " s";
}

Error about(const std::string& who, const Error& error)
{
  Error named = error;
  named.what = who + ": " + error.what;
  return named;
}

} // namespace

struct BeastHttpClient::Sending {
  Sending(HttpRequest r, Url u, std::optional<Proxy> p, BootTime d)
    : request(std::move(r)), url(std::move(u)), proxy(std::move(p)), deadline(d)
  {
  }
  // Signatures, keys and tokens.
  ~Sending()
  {
    for (auto& header : request.headers) {
      explicit_bzero(header.value.data(), header.value.size());
    }
    explicit_bzero(request.body.data(), request.body.size());
    wipe_left_on_stack();
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  // Whom we connect to.
  [[nodiscard]] const std::string& next_host() const { return proxy ? proxy->host : url.host; }
  [[nodiscard]] std::uint16_t next_port() const { return proxy ? proxy->port : url.port; }
  [[nodiscard]] std::string by_way_of() const { return proxy ? " to " + proxy->name() : ""; }

  HttpRequest request;
  Url url;
  std::optional<Proxy> proxy;
  BootTime deadline;
};

struct BeastHttpClient::Connection {
  Connection(tcp::socket s, asio::ip::address p)
    : plain(std::make_unique<tcp::socket>(std::move(s))), peer(std::move(p))
  {
  }
  Connection(std::unique_ptr<TlsStream> s, asio::ip::address p)
    : tls(std::move(s)), peer(std::move(p))
  {
  }

  // One of them.
  std::unique_ptr<TlsStream> tls;
  std::unique_ptr<tcp::socket> plain;
  asio::ip::address peer;
};

struct BeastHttpClient::Lookup {
  explicit Lookup(const asio::any_io_executor& ex) : done(ex) {}

  Event done;
  std::optional<Result<Addresses>> outcome;
  std::weak_ptr<void> call; // gone when it has returned
};

BeastHttpClient::BeastHttpClient(asio::any_io_executor ex,
                                 Clock& clock,
                                 WorkerPool& resolvers,
                                 WorkerPool& files,
                                 Resolver resolve)
  : ex_(std::move(ex))
  , clock_(clock)
  , resolvers_(resolvers)
  , resolve_(std::move(resolve))
  , tls_(files)
{
}

asio::awaitable<Result<HttpResponse>> BeastHttpClient::send(HttpRequest request)
{
  auto url = parse_url(request.url);
  if (!url) co_return url.error();
  const auto who = url->authority();
  if (auto checked = check_request(request); !checked) co_return about(who, checked.error());
  auto proxy = choose_proxy(request.egress, *url);
  if (!proxy) co_return about(who, proxy.error());

  const auto deadline = clock_.now() + request.limit;
  Sending sending(std::move(request), std::move(*url), std::move(*proxy), deadline);
  const auto limit = sending.request.limit;
  const auto connect_limit = sending.request.connect_limit;

  auto addresses = co_await within(sending, "resolving " + sending.next_host(), limit,
                                   resolve(sending.next_host()));
  if (!addresses) co_return addresses.error();
  auto connection = co_await within(sending, "connecting" + sending.by_way_of(), connect_limit,
                                    connect(sending, std::move(*addresses)));
  if (!connection) co_return connection.error();
  auto response = co_await within(sending, "the answer", limit, converse(sending, *connection));
  if (response && !sending.proxy) response->peer = connection->peer;
  co_return response;
}

template <class T>
asio::awaitable<Result<T>> BeastHttpClient::within(Sending& sending,
                                                   std::string step,
                                                   Duration limit,
                                                   asio::awaitable<Result<T>> op)
{
  const auto who = sending.url.authority();
  const auto left = sending.deadline - clock_.now();
  auto outcome = co_await with_timeout(clock_, std::min(limit, left), std::move(op));
  if (outcome) co_return outcome;
  if (outcome.error().code != Errc::timeout) co_return about(who, outcome.error());
  const auto whole = limit < left ? limit : sending.request.limit;
  co_return Error{Errc::timeout,
                  who + ": " + step + " took longer than the limit of " + in_seconds(whole)};
}

asio::awaitable<Result<Addresses>> BeastHttpClient::resolve(std::string host)
{
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(host, is_name);
  if (!is_name) co_return Addresses(1, address);
  auto& known = lookups_[host];
  if (known && known->outcome && known->call.expired()) known.reset(); // it has returned at last
  const bool first = known == nullptr;
  if (first) known = std::make_shared<Lookup>(ex_);
  const auto lookup = known;
  if (first) spawn(ex_, "resolver", look_up(host, lookup));
  co_await lookup->done.wait();
  if (*lookup->outcome) co_return *lookup->outcome;
  const auto& failure = lookup->outcome->error();
  co_return Error{failure.code, "cannot resolve " + host + ": " + failure.what};
}

// Who asks for a name whose lookup was given up and still hangs is told so at once.
asio::awaitable<void> BeastHttpClient::look_up(std::string host, std::shared_ptr<Lookup> lookup)
{
  auto running = std::make_shared<char>();
  lookup->call = running;
  auto job = [look = resolve_, host, running = std::move(running)] { return look(host); };
  auto addresses =
      co_await with_timeout(clock_, k_lookup_limit, resolvers_.run<Addresses>(std::move(job)));
  if (addresses && addresses->empty()) addresses = Error{Errc::transient, "it has no address"};
  if (!addresses && addresses.error().code == Errc::timeout)
    addresses = Error{Errc::transient, "the name servers are silent"};
  else
    lookups_.erase(host);
  lookup->outcome = std::move(addresses);
  lookup->done.set();
}

asio::awaitable<Result<BeastHttpClient::Connection>> BeastHttpClient::connect(Sending& sending,
                                                                              Addresses addresses)
{
  // A proxy is the user's own, wherever it stands, and looks up itself where we want to go.
  AddressFilter filter = sending.proxy ? AddressFilter() : sending.request.may_connect;
  auto socket =
      co_await dial(ex_, clock_, std::move(addresses), sending.next_port(), std::move(filter));
  if (!socket) {
    const auto& failure = socket.error();
    co_return Error{failure.code, "cannot connect" + sending.by_way_of() + ": " + failure.what};
  }
  boost::system::error_code gone;
  const asio::ip::address peer = socket->remote_endpoint(gone).address();
  if (!sending.url.tls) co_return Connection(std::move(*socket), peer);

  if (sending.proxy) {
    auto opened = co_await open_tunnel(*socket, sending.url, *sending.proxy);
    if (!opened) co_return opened.error();
  }
  const auto& egress = sending.request.egress;
  Authorities authorities(egress.ca_file, egress.ca_dir);
  auto tls = co_await tls_.connect(std::move(*socket), sending.url.host, std::move(authorities));
  if (!tls) co_return tls.error();
  co_return Connection(std::move(*tls), peer);
}

asio::awaitable<Result<HttpResponse>> BeastHttpClient::converse(Sending& sending,
                                                                Connection& connection)
{
  if (connection.tls) co_return co_await exchange(*connection.tls, sending.request, sending.url);
  const auto* const proxy = sending.proxy ? &*sending.proxy : nullptr;
  co_return co_await exchange(*connection.plain, sending.request, sending.url, proxy);
}

} // namespace purser
