#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/http/proxy.hpp"
#include "daemon/http/resolver.hpp"
#include "daemon/http/tls.hpp"
#include "daemon/http/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <map>
#include <memory>
#include <string>

namespace purser {

// HttpClient on Boost.Beast and OpenSSL. A connection a request: tokens are asked for
// too rarely for more. Names are resolved and certificates read on the pools; of one name there is
// one lookup at a time, so that a name whose servers are silent takes one thread.
class BeastHttpClient final : public HttpClient {
public:
  // All that is referred to must outlive this.
  BeastHttpClient(boost::asio::any_io_executor ex,
                  Clock& clock,
                  WorkerPool& resolvers,
                  WorkerPool& files,
                  Resolver resolve = resolve_by_system);

  [[nodiscard]] boost::asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override;

private:
  // One call of send().
  struct Sending;
  // A connection that is ready for the request.
  struct Connection;
  // Of one name, for all who wait for it.
  struct Lookup;

  // Runs one step of a call within its own limit and what is left of the call's; says
  // in its error which host it was and that `step` was done.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<Result<T>>
  within(Sending& sending, std::string step, Duration limit, boost::asio::awaitable<Result<T>> op);

  [[nodiscard]] boost::asio::awaitable<Result<Addresses>> resolve(std::string host);
  boost::asio::awaitable<void> look_up(std::string host, std::shared_ptr<Lookup> lookup);
  [[nodiscard]] boost::asio::awaitable<Result<Connection>> connect(Sending& sending,
                                                                   Addresses addresses);
  [[nodiscard]] boost::asio::awaitable<Result<HttpResponse>> converse(Sending& sending,
                                                                      Connection& connection);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  WorkerPool& resolvers_;
  Resolver resolve_;
  std::map<std::string, std::shared_ptr<Lookup>> lookups_; // that have not returned
  TlsConnector tls_;
};

} // namespace purser
