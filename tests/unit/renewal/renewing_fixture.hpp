#pragma once

#include "daemon/renewal/renewing.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {

using namespace std::chrono_literals;

// Strings by strings: `key-1`, `key-2`, ... each `latency` after it was asked for. What comes
// before a colon in a key is its endpoint, else that is `issuer`.
struct RenewingFixture : testing::Test {
  using Values = Renewing<std::string, std::string>;

  asio::io_context io;
  ManualClock clock{io};
  std::vector<BootTime> fetches;
  std::optional<Error> trouble;
  // For tests in which it is not the same for all.
  std::function<std::optional<Error>(const std::string&)> trouble_of = [this](const std::string&) {
    return trouble;
  };
  bool buggy = false;
  Duration life = 12h;
  Duration latency = 1s;
  std::function<double()> uniform = [] { return 0.5; };
  Values values;

  explicit RenewingFixture(std::size_t max_keys = 4)
    : values(
          io.get_executor(),
          clock,
          [this] { return uniform(); },
          [this](std::string key) { return fetch(std::move(key)); },
          endpoint_of,
          max_keys)
  {
    spawn(io.get_executor(), "tend", values.tend());
  }

  static std::string endpoint_of(const std::string& key)
  {
    const auto colon = key.find(':');
    return colon == std::string::npos ? "issuer" : key.substr(0, colon);
  }

  asio::awaitable<Result<Fetched<std::string>>> fetch(std::string key)
  {
    const BootTime sent = clock.now();
    fetches.push_back(sent);
    const std::string value = key + "-" + std::to_string(fetches.size());
    co_await clock.sleep_until(clock.now() + latency);
    if (buggy) throw std::runtime_error("scripted bug");
    if (const auto error = trouble_of(key)) co_return *error;
    co_return Fetched<std::string>(value, sent, life);
  }

  struct Client {
    std::string answer = "(waiting)";
    asio::cancellation_signal leave;
  };
  using ClientPtr = std::shared_ptr<Client>;

  ClientPtr ask(std::string key = "a", Demand demand = Demand(8500ms))
  {
    auto client = std::make_shared<Client>();
    follow(client, values.get(std::move(key), demand));
    return client;
  }
  ClientPtr renew(std::string key = "a", Duration patience = 8500ms)
  {
    auto client = std::make_shared<Client>();
    follow(client, values.renew(std::move(key), patience));
    return client;
  }
  void follow(const ClientPtr& client, asio::awaitable<Result<std::string>> question)
  {
    asio::co_spawn(io, receive(client, std::move(question)),
                   asio::bind_cancellation_slot(client->leave.slot(), asio::detached));
    clock.run();
  }
  static asio::awaitable<void> receive(ClientPtr client,
                                       asio::awaitable<Result<std::string>> question)
  {
    const auto value = co_await std::move(question);
    client->answer = value ? *value : value.error().what;
  }
  // The answer, after the time that a fetch takes.
  std::string get(std::string key = "a")
  {
    const auto client = ask(std::move(key));
    if (client->answer == "(waiting)") clock.advance(latency);
    return client->answer;
  }

  void fail_with(Errc code, std::string what = "scripted outage") { trouble = Error(code, what); }
  void recover() { trouble.reset(); }

  [[nodiscard]] RenewalView view(const std::string& key = "a") const
  {
    return values.view(key).value_or(RenewalView{});
  }
  // Fetches that began from `from` on, for `length`.
  [[nodiscard]] std::size_t fetches_within(BootTime from, Duration length) const
  {
    return static_cast<std::size_t>(
        std::count_if(fetches.begin(), fetches.end(),
                      [from, length](BootTime at) { return at >= from && at < from + length; }));
  }
};

} // namespace purser::test
