#include "daemon/server/lock_switch.hpp"

#include <spdlog/spdlog.h>

namespace purser {
namespace asio = boost::asio;

asio::awaitable<void> LockSwitch::begin_locking()
{
  parts_.lock.set(true);
  co_await parts_.keeper.suspend(k_save_limit);
}

void LockSwitch::finish_locking()
{
  parts_.held->forget();
  parts_.file.forget();
  parts_.tokens.clear();
  parts_.overrides.clear_all();
  closed_();
  has_passphrase_ = false;
  spdlog::info("locked");
}

asio::awaitable<void> LockSwitch::unlock()
{
  co_await parts_.keeper.restore(parts_.providers);
  parts_.lock.set(false);
  spdlog::info("unlocked");
  opened_();
}

} // namespace purser
