#include "daemon/server/settings.hpp"

#include <spdlog/spdlog.h>

namespace purser {
namespace asio = boost::asio;

struct SettingsReload::Load {
  Load(LoadedConfig c, std::optional<FileWatch> w) : config(std::move(c)), watch(std::move(w)) {}

  LoadedConfig config;
  std::optional<FileWatch> watch; // none where watching is not possible: then SIGHUP is left
};

SettingsReload::SettingsReload(asio::any_io_executor ex,
                               WorkerPool& files,
                               ConfigFile file,
                               CurrentSettings& settings,
                               std::function<void()> applied)
  : ex_(std::move(ex))
  , files_(files)
  , file_(std::move(file))
  , settings_(settings)
  , applied_(std::move(applied))
{
  auto first = load(file_); // at start, before there is a loop to hold up
  if (!first) return;
  watch_ = std::move(first->watch);
  settings_.replace(std::move(first->config));
}

Result<SettingsReload::Load> SettingsReload::load(const ConfigFile& file)
{
  auto watch = FileWatch::begin({file.path()});
  std::optional<FileWatch> kept;
  if (watch) kept = std::move(*watch);
  return Load(file.load(), std::move(kept));
}

asio::awaitable<void> SettingsReload::refresh()
{
  if (loading_) {
    const auto loading = loading_;
    co_await loading->wait();
  } else if (watch_ && watch_->changed()) {
    co_await force();
  }
}

asio::awaitable<void> SettingsReload::force()
{
  const auto done = std::make_shared<Event>(ex_);
  loading_ = done;
  auto job = [file = file_] { return load(file); };
  auto loaded = co_await files_.run<Load>(std::move(job));
  if (loaded) {
    watch_ = std::move(loaded->watch);
    settings_.replace(std::move(loaded->config));
    applied_();
  } else {
    spdlog::error("the configuration is not reloaded: {}", loaded.error().what);
  }
  if (loading_ == done) loading_.reset();
  done->set();
}

} // namespace purser
