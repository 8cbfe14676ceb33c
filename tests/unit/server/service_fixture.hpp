#pragma once

#include "daemon/server/credential_service.hpp"
#include "daemon/server/json_answer.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace purser::test {

// Everything below the handlers: hosts that begin with "minted" get tokens of ScriptedProvider,
// all others are the store's. The background renewal runs.
struct ServiceFixture : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  ScriptedProvider provider{clock};
  SealingKey key = SealingKey::random();
  MapStore store;
  CurrentSettings settings{LoadedConfig{}};
  ProviderTable providers{{ProviderSpec{
      "ecr",
      [](const RegistryKey& asked) { return asked.host().starts_with("minted"); },
      [](const RegistryKey&) { return false; },
      &provider,
  }}};
  TokenCache tokens{io.get_executor(), clock, [] { return 0.5; }, key};
  Overrides overrides{clock, key};
  AuditLog audit;
  CredentialService credentials{clock, settings, providers, tokens, overrides, store, [] {}};

  ServiceFixture() { spawn(io.get_executor(), "tend", tokens.tend()); }

  // The answer, and whatever time it takes.
  ServerResponse ask(RequestHandler& handler,
                     std::string method,
                     std::string target,
                     const std::string& body = "",
                     uid_t uid = Peer().uid)
  {
    using namespace std::chrono_literals;
    ServerRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body.assign(body.begin(), body.end());
    request.peer.local = true;
    request.peer.uid = uid;
    request.patience = 8500ms;
    request.received_at = clock.now();
    std::optional<ServerResponse> answer;
    auto receive = [&handler, &answer](ServerRequest r) -> asio::awaitable<void> {
      answer = co_await handler.handle(std::move(r));
    };
    asio::co_spawn(io, receive(std::move(request)), asio::detached);
    clock.run();
    for (int i = 0; i < 10 && !answer; ++i)
      clock.advance(1s);
    return std::move(answer).value();
  }
  static std::string text_of(const ServerResponse& answer)
  {
    return {answer.body.begin(), answer.body.end()};
  }

  // What a client of that registry gets: the secret, or the error.
  std::string get(std::string_view registry)
  {
    using namespace std::chrono_literals;
    std::optional<std::string> got;
    auto receive = [this, &got, registry]() -> asio::awaitable<void> {
      const auto asker = std::make_shared<Asker>();
      AuditEvent trail;
      Inquiry inquiry(*RegistryKey::parse(registry), asker, 8500ms);
      const auto handout = co_await credentials.get(std::move(inquiry), trail);
      got = handout ? std::string(handout->secret.reveal()) : handout.error().what;
    };
    asio::co_spawn(io, receive(), asio::detached);
    clock.run();
    for (int i = 0; i < 10 && !got; ++i)
      clock.advance(1s);
    return got.value();
  }
};

} // namespace purser::test
