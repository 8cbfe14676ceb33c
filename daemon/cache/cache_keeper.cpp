#include "daemon/cache/cache_keeper.hpp"

#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace purser {
namespace asio = boost::asio;

CacheKeeper::CacheKeeper(asio::any_io_executor ex,
                         Clock& clock,
                         std::shared_ptr<CacheVault> vault,
                         std::string kept_in,
                         ProcessKey& key,
                         TokenCache& tokens,
                         Overrides& overrides)
  : ex_(ex)
  , clock_(clock)
  , worker_(ex, "cache", 1)
  , vault_(std::move(vault))
  , key_(key)
  , tokens_(tokens)
  , overrides_(overrides)
  , state_{std::move(kept_in), std::nullopt}
  , attempt_(std::make_shared<Event>(ex))
{
}

asio::awaitable<void> CacheKeeper::restore(const ProviderTable& providers)
{
  auto job = [vault = vault_, now = Moment{clock_.now(), clock_.wall()}] {
    return Result<CacheVault::Restored>(vault->restore(now));
  };
  auto restored = co_await with_timeout(clock_, k_restore_limit,
                                        worker_.run<CacheVault::Restored>(std::move(job)));
  std::string trouble = restored ? restored->trouble : "cannot be read: " + restored.error().what;
  suspended_ = restored && restored->locked;
  if (suspended_) {
    spdlog::info("locked: what was kept stays sealed");
    co_return;
  }
  saved_ = tried_ = changes_;
  state_.error.reset();
  if (!trouble.empty()) spdlog::warn("beginning with an empty cache: {}", trouble);
  if (restored && restored->process_key && take_over(std::move(*restored->process_key))) {
    tokens_.restore(std::move(restored->kept.tokens), providers);
    overrides_.restore(std::move(restored->kept.overrides));
    spdlog::info("restored {} tokens and {} overrides of the daemon before",
                 tokens_.entries().size(), overrides_.kept().size());
    if (vault_->supervised()) changed(); // from the file to the service manager
  }
  listen();
}

// What this process has sealed and digested since its start must not change its meaning.
bool CacheKeeper::take_over(Secret bytes)
{
  if (key_in_use_) return bytes == key_.bytes();
  return key_.become(std::move(bytes)).has_value();
}

asio::awaitable<void> CacheKeeper::begin_empty()
{
  auto job = [vault = vault_] { return vault->set_aside(); };
  const auto done =
      co_await with_timeout(clock_, k_restore_limit, worker_.run<void>(std::move(job)));
  if (!done) spdlog::warn("the cache cannot be put aside: {}", done.error().what);
  listen();
}

void CacheKeeper::listen()
{
  key_in_use_ = true;
  tokens_.on_change([this] { changed(); });
  overrides_.on_change([this] { changed(); });
}

void CacheKeeper::changed()
{
  ++changes_;
  if (closed_ || suspended_ || std::exchange(saving_, true)) return;
  spawn(ex_, "cache", save_all());
}

asio::awaitable<void> CacheKeeper::save_all()
{
  while (saved_ < changes_ && !closed_ && !suspended_) {
    const Duration retry =
        std::min<Duration>(k_longest_retry, k_first_retry * (1U << std::min(failures_, 6U)) / 2);
    const Duration gap = failures_ == 0 ? k_between_saves : retry;
    if (last_began_ != BootTime::min()) co_await pause(last_began_ + gap - clock_.now());
    if (!closed_ && !suspended_) co_await save_once();
  }
  saving_ = false;
}

// A back-off ends early when somebody waits for the outcome, but never the gap between saves.
asio::awaitable<void> CacheKeeper::pause(Duration pause)
{
  bell_ = std::make_shared<Event>(ex_);
  if (pause > Duration::zero()) (void)co_await with_timeout(clock_, pause, rung(bell_));
  co_await clock_.sleep_until(last_began_ + k_between_saves);
}

asio::awaitable<void> CacheKeeper::save_once()
{
  const std::uint64_t about = changes_;
  last_began_ = clock_.now();
  const auto outcome = co_await with_timeout(clock_, k_save_limit, save(false));
  tried_ = about;
  if (outcome) saved_ = about;
  note(outcome);
  std::exchange(attempt_, std::make_shared<Event>(ex_))->set();
}

asio::awaitable<Result<>> CacheKeeper::save(bool last)
{
  KeptCache kept;
  kept.tokens = tokens_.kept();
  kept.overrides = overrides_.kept();
  auto job = [vault = vault_, kept = std::move(kept), key = key_.bytes().clone(), last,
              now = Moment{clock_.now(), clock_.wall()}] {
    return last ? vault->save_last(key, kept, now) : vault->save(key, kept, now);
  };
  co_return co_await worker_.run<void>(std::move(job));
}

void CacheKeeper::note(const Result<>& outcome)
{
  if (outcome) {
    if (state_.error) spdlog::info("the cache is kept again");
    state_.error.reset();
    failures_ = 0;
    return;
  }
  if (!state_.error)
    spdlog::warn("the cache is not kept, so that a restart costs new tokens: {}",
                 outcome.error().what);
  state_.error = outcome.error().what;
  ++failures_;
}

asio::awaitable<Result<>> CacheKeeper::flush(Duration limit)
{
  if (all_kept()) co_return Result<>{};
  if (bell_) bell_->set();
  co_return co_await with_timeout(clock_, limit, attempted(changes_));
}

asio::awaitable<Result<>> CacheKeeper::attempted(std::uint64_t change)
{
  while (tried_ < change) {
    const auto attempt = attempt_;
    co_await attempt->wait();
  }
  if (saved_ >= change || !state_.error) co_return Result<>{};
  co_return Error{Errc::transient, *state_.error};
}

asio::awaitable<void> CacheKeeper::suspend(Duration limit)
{
  if (std::exchange(suspended_, true)) co_return;
  if (bell_) bell_->set();
  if (changes_ == 0 && tokens_.entries().empty() && overrides_.empty()) co_return;
  const auto outcome = co_await with_timeout(clock_, limit, save(true));
  note(outcome);
}

asio::awaitable<Result<>> CacheKeeper::save_again(Duration limit)
{
  changed();
  co_return co_await flush(limit);
}

asio::awaitable<void> CacheKeeper::close(Duration limit)
{
  if (suspended_) co_return;
  closed_ = true;
  if (bell_) bell_->set();
  if (changes_ == 0 && tokens_.entries().empty() && overrides_.empty()) co_return;
  const auto outcome = co_await with_timeout(clock_, limit, save(true));
  note(outcome);
}

asio::awaitable<Result<bool>> CacheKeeper::rung(std::shared_ptr<Event> bell)
{
  co_await bell->wait();
  co_return true;
}

} // namespace purser
