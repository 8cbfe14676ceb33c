#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/async/gate.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/token_endpoint.hpp"
#include "daemon/tokens/token_question.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace purser {

// Refresh tokens ("identity tokens" to docker), which some token servers replace with each use, so
// that the old one is void: who loses the new one has lost the login.
//
// One exchange at a time uses a login, and what it brought is durable in the credential store
// before anybody is given the access token. The old one is given up for nothing else: not for an
// answer that was lost, not for a refusal. A login that was erased or replaced meanwhile is left as
// it is. What no store keeps (a program's, for example) is remembered for as long as the daemon
// runs.
class RefreshTokens {
public:
  static constexpr std::size_t k_max = 1024;
  static constexpr Duration k_remembered = std::chrono::hours(24 * 30);
  static constexpr Duration k_store_limit = std::chrono::seconds(5);

  using QuestionPtr = std::shared_ptr<const TokenQuestion>;
  using Ask = std::function<boost::asio::awaitable<Exchanged>(QuestionPtr)>;

  RefreshTokens(boost::asio::any_io_executor ex,
                Clock& clock,
                CredentialStore& store,
                const SealingKey& key);

  // What a refresh token and all that took its place have in common: a digest.
  [[nodiscard]] std::string lineage(const Secret& token);

  // The one that has taken the place of `token`, or that itself.
  [[nodiscard]] Secret newest_of(const Secret& token);

  // `ask` with the newest of the lineage. expired_source where the store holds another login by
  // now, or none; the errors of the store and of `ask`.
  [[nodiscard]] boost::asio::awaitable<Exchanged> exchange(TokenQuestion question, Ask ask);

private:
  // One login, and whoever is about to use it.
  struct Line {
    explicit Line(const boost::asio::any_io_executor& ex) : gate(ex, 1) {}

    Gate gate;
    std::string sealed; // the newest, until the store has it
  };
  using LinePtr = std::shared_ptr<Line>;

  // Where the store keeps the login; an empty key: nowhere.
  struct Place {
    Place(std::string s, std::string k) : space(std::move(s)), key(std::move(k)) {}

    std::string space;
    std::string key;
  };

  LinePtr line_of(const std::string& lineage);
  [[nodiscard]] std::string digest(const Secret& token) const;
  // What the next exchange is to show.
  boost::asio::awaitable<Result<Secret>>
  newest(Place place, std::string lineage, LinePtr line, Secret presented);
  boost::asio::awaitable<Result<Secret>> stored(Place place, std::string lineage);
  boost::asio::awaitable<Result<>>
  keep(Place place, std::string lineage, LinePtr line, Secret token);
  boost::asio::awaitable<Result<>> save(Place place, LinePtr line, std::string lineage);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  CredentialStore& store_;
  const SealingKey& key_;
  AgingTable<std::string> lineages_; // by digest of a token that took another's place
  AgingTable<LinePtr> lines_;        // by lineage
};

} // namespace purser
