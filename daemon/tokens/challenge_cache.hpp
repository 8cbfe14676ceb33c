#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/registry/registry_auth.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <compare>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace purser {

// Where and how a registry is asked.
struct RegistryPlace {
  // `registry` is `host[:port]` as in a RegistryKey.
  RegistryPlace(std::string r, std::string p, bool http)
    : registry(std::move(r)), repository(std::move(p)), plain_http(http)
  {
  }

  std::string registry;
  std::string repository; // asked about where the registry's own address wants no credential
  bool plain_http;
};

// How a registry wants to be asked.
struct RegistryChallenge {
  RegistryAuth auth;     // its `scope` is of the question that was asked: of no use to others
  std::string base;      // `https://registry-1.docker.io`: where its API is
  bool is_public = true; // false where it answered from a private address or this machine
};
using ChallengePtr = std::shared_ptr<const RegistryChallenge>;

// What registries answered to who came without credentials (GET /v2/; where that is free for
// all, a question about the repository), for an hour and each way out to the network.
//
// A registry on this machine that speaks no TLS is asked over http; any other only where the
// configuration says so. A certificate that is refused is no reason. Redirects are not followed.
class ChallengeCache {
public:
  static constexpr std::size_t k_max = 1024;
  static constexpr Duration k_life = std::chrono::hours(1);

  ChallengeCache(boost::asio::any_io_executor ex,
                 Clock& clock,
                 HttpClient& http,
                 Uniform uniform,
                 const SealingKey& key);

  // protocol_error where what answers is no registry or speaks no scheme of ours; unsafe where it
  // redirects; the errors of HttpClient.
  [[nodiscard]] boost::asio::awaitable<Result<ChallengePtr>>
  get(RegistryPlace place, Egress egress, Duration patience);

  // After something that it led to failed. `registry` is `host[:port]`.
  void forget(std::string_view registry);

private:
  struct Key {
    RegistryPlace place;
    std::string egress; // digest
    std::string sealed; // the egress

    friend auto operator<=>(const Key& a, const Key& b)
    {
      return std::tie(a.place.registry, a.place.repository, a.place.plain_http, a.egress) <=>
             std::tie(b.place.registry, b.place.repository, b.place.plain_http, b.egress);
    }
  };

  [[nodiscard]] Key key_of(RegistryPlace place, const Egress& egress) const;
  boost::asio::awaitable<Result<Fetched<ChallengePtr>>> fetch(Key key);
  // `base` is the scheme and host. The caller keeps the key.
  boost::asio::awaitable<Result<HttpResponse>> ask(std::string base, const Key& key);
  [[nodiscard]] Result<std::shared_ptr<RegistryChallenge>>
  judge(const RegistryPlace& place, const HttpResponse& response) const;

  Clock& clock_;
  HttpClient& http_;
  const SealingKey& key_;
  Renewing<Key, ChallengePtr> challenges_;
};

} // namespace purser
