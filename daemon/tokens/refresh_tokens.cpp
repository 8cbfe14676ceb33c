#include "daemon/tokens/refresh_tokens.hpp"

#include "common/docker_words.hpp"
#include "daemon/async/timeout.hpp"

#include <optional>
#include <string_view>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_context = "refresh token";

Error replaced()
{
  return Error{Errc::expired_source,
               "the login that this token comes from was erased or replaced: the next request "
               "uses what is stored by then"};
}

Error not_kept(const Error& error)
{
  return Error{error.code, "the login was renewed and cannot be kept, so no token is handed out: " +
                               error.what};
}

} // namespace

RefreshTokens::RefreshTokens(asio::any_io_executor ex,
                             Clock& clock,
                             CredentialStore& store,
                             const SealingKey& key)
  : ex_(std::move(ex))
  , clock_(clock)
  , store_(store)
  , key_(key)
  , lineages_(k_max, k_remembered)
  , lines_(k_max, k_remembered)
{
}

std::string RefreshTokens::digest(const Secret& token) const
{
  FieldList fields;
  fields.add(k_context).add(token.reveal());
  return key_.digest(fields.text());
}

std::string RefreshTokens::lineage(const Secret& token)
{
  std::string own = digest(token);
  const auto* const first = lineages_.find(own, clock_.now());
  return first == nullptr ? own : *first;
}

RefreshTokens::LinePtr RefreshTokens::line_of(const std::string& lineage)
{
  lines_.touch(lineage, clock_.now());
  if (const auto* const known = lines_.find(lineage, clock_.now())) return *known;
  auto made = std::make_shared<Line>(ex_);
  lines_.put(lineage, made, clock_.now());
  return made;
}

asio::awaitable<Exchanged> RefreshTokens::exchange(TokenQuestion question, Ask ask)
{
  const std::string lineage = this->lineage(question.secret);
  const Place place(question.space, question.stored_as);
  const LinePtr line = line_of(lineage);
  const auto pass = co_await line->gate.enter();
  auto shown = co_await newest(place, lineage, line, std::move(question.secret));
  if (!shown) co_return Exchanged(shown.error(), clock_.now());
  question.secret = std::move(*shown);

  const auto asked = std::make_shared<const TokenQuestion>(std::move(question));
  Exchanged exchanged = co_await ask(asked);
  if (!exchanged.grant || !exchanged.grant->refresh_token ||
      *exchanged.grant->refresh_token == asked->secret)
    co_return exchanged;
  Secret successor = std::move(*exchanged.grant->refresh_token);
  exchanged.grant->refresh_token.reset();
  const auto kept = co_await keep(place, lineage, line, std::move(successor));
  if (!kept) co_return Exchanged(kept.error(), exchanged.sent_at);
  co_return exchanged;
}

Secret RefreshTokens::newest_of(const Secret& token)
{
  const std::string line = lineage(token);
  const auto* const known = lines_.find(line, clock_.now());
  if (known == nullptr || (*known)->sealed.empty()) return token.clone();
  auto newest = key_.open((*known)->sealed, line);
  return newest ? std::move(*newest) : token.clone();
}

asio::awaitable<Result<Secret>>
RefreshTokens::newest(Place place, std::string lineage, LinePtr line, Secret presented)
{
  if (place.key.empty()) co_return newest_of(presented);
  auto found = co_await stored(place, lineage);
  if (!found) co_return found.error();
  Secret latest = newest_of(*found);
  if (latest == *found) co_return latest;
  // The store failed when it was to be kept, or somebody stored what had been replaced by then.
  const auto saved = co_await save(std::move(place), std::move(line), std::move(lineage));
  if (!saved) co_return saved.error();
  co_return latest;
}

asio::awaitable<Result<Secret>> RefreshTokens::stored(Place place, std::string lineage)
{
  auto found = co_await with_timeout(clock_, k_store_limit, store_.get(place.space, place.key));
  if (!found) co_return found.error();
  if (!*found || (*found)->username != docker_words::k_identity_token ||
      this->lineage((*found)->secret) != lineage)
    co_return replaced();
  co_return std::move((*found)->secret);
}

asio::awaitable<Result<>>
RefreshTokens::keep(Place place, std::string lineage, LinePtr line, Secret token)
{
  lineages_.put(digest(token), lineage, clock_.now());
  line->sealed = key_.seal(token.reveal(), lineage);
  if (place.key.empty()) co_return Result<>{};
  co_return co_await save(std::move(place), std::move(line), std::move(lineage));
}

// Whoever logged out, or in as somebody else, while the exchange went on has the last word.
asio::awaitable<Result<>> RefreshTokens::save(Place place, LinePtr line, std::string lineage)
{
  const auto still_there = co_await stored(place, lineage);
  if (!still_there) co_return still_there.error();
  auto token = key_.open(line->sealed, lineage);
  if (!token) co_return token.error();
  Credential successor{std::string(docker_words::k_identity_token), std::move(*token)};
  auto saving = store_.store(std::move(place.space), std::move(place.key), std::move(successor));
  const auto saved = co_await with_timeout(clock_, k_store_limit, std::move(saving));
  if (!saved) co_return not_kept(saved.error());
  line->sealed.clear(); // the store has it
  co_return saved;
}

} // namespace purser
