#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/providers/handout.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser {

// Whose token it will be: a keyed digest of the resolved source (keys or profile
// graph, role, endpoint, region, way out to the network) and of the rule, never a
// profile's or an account's name. 32 bytes, not text.
//
// Has a constructor on purpose: GCC 12 corrupts brace-built aggregates that appear
// inside a co_await expression.
struct Identity {
  explicit Identity(std::string keyed_digest) : digest(std::move(keyed_digest)) {}

  std::string digest;

  auto operator<=>(const Identity&) const = default;
};

// What a request resolved to.
struct Resolved {
  Resolved(Identity i, std::string s) : identity(std::move(i)), source(std::move(s)) {}

  Identity identity;
  std::string source; // for people: "profile prod", "environment"; never a secret or part of one
  std::string issuer; // the host that will be asked, whose limits count
  // What it was resolved from has changed since the last time: a failure says nothing any more.
  bool changed = false;
  // Where the source holds the credential itself, of no life that is known: it is handed out as
  // it is. Nothing is fetched, and nothing of it is kept.
  std::optional<Handout> at_hand;
};

// A token as the issuer gave it. `life` is counted from the moment the request was
// sent: expiresAt less the issuer's Date, so that neither clock needs to be right.
struct Token {
  Token(std::string u, Secret s, BootTime sent, Duration l)
    : username(std::move(u)), secret(std::move(s)), sent_at(sent), life(l)
  {
  }

  std::string username;
  Secret secret;
  BootTime sent_at;
  Duration life;
};

// Obtains tokens from one kind of registry.
class TokenProvider {
public:
  virtual ~TokenProvider() = default;

  // Whose token this request asks for, without a network call. The provider keeps
  // what fetch() will need under the identity, sealed, for as long as somebody asks:
  // resolve() counts as asking.
  //
  // Errc::not_configured means that there is no source of credentials at all; a
  // source that is configured and broken is another error, which names it.
  //
  // Tells the asker's Diagnosis, where there is one, what it looked at; then it may ask over
  // the network, too.
  [[nodiscard]] virtual boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker) = 0;

  // A new token. Errc::expired_source where the provider no longer holds what the
  // identity was resolved from, not_configured where its issuer knows of no credential. Not
  // called for what is at hand.
  [[nodiscard]] virtual boost::asio::awaitable<Result<Token>> fetch(Identity identity) = 0;

  // Whether the registry takes a new token, which is to go in the place of one that is alive.
  // An error keeps that one. Asks nobody where the rule does not want it.
  [[nodiscard]] virtual boost::asio::awaitable<Result<>> prove(Identity identity,
                                                               const Token& token);

  // Forgets what failed on the way to this identity's token: the next fetch() asks again.
  virtual void forgive(const Identity&) {}

  // What it knows apart from any request.
  virtual void describe(Diagnosis&) const {}
};

} // namespace purser
