#include "daemon/server/settings.hpp"

#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"

#include <spdlog/spdlog.h>

#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace purser {
namespace asio = boost::asio;

// What one look at the file brought.
struct SettingsReload::Found {
  Place place;
  std::optional<LoadedConfig> config; // none where the file is as it was
  std::optional<FileWatch> watch;     // none where the one of before goes on, or none is possible
  std::string unwatched;              // why none is possible
};

SettingsReload::Place SettingsReload::Place::of(const std::string& path)
{
  Place place;
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0)
    place.stamp_ = FileStamp(status);
  else
    place.failure_ = errno;
  return place;
}

SettingsReload::SettingsReload(asio::any_io_executor ex,
                               Clock& clock,
                               WorkerPool& files,
                               ConfigFile file,
                               CurrentSettings& settings,
                               std::function<void()> applied,
                               Watcher watcher)
  : ex_(std::move(ex))
  , clock_(clock)
  , files_(files)
  , file_(std::move(file))
  , settings_(settings)
  , watcher_(std::move(watcher))
{
  looked_at_ = clock_.now();
  take(look(file_, watcher_, std::nullopt, false)); // before there is a loop to hold up
  applied_ = std::move(applied);
}

// `known` is what is in force; without it the file is loaded whatever it is. The watch begins
// before the file is looked at, so that no change falls between the two.
SettingsReload::Found SettingsReload::look(const ConfigFile& file,
                                           const Watcher& watcher,
                                           const std::optional<Place>& known,
                                           bool watched)
{
  Found found;
  if (watched && known && Place::of(file.path()) == *known) {
    found.place = *known;
    return found;
  }
  auto watch = watcher(file.path());
  if (watch)
    found.watch = std::move(*watch);
  else
    found.unwatched = watch.error().what;
  found.place = Place::of(file.path());
  if (!known || found.place != *known) found.config = file.load();
  return found;
}

asio::awaitable<void> SettingsReload::refresh()
{
  if (!loading_) {
    if (!hanging_.expired()) co_return; // one thread that hangs is enough
    if (!may_have_changed() && clock_.now() < looked_at_ + interval()) co_return;
    begin();
  }
  co_await settled();
}

asio::awaitable<void> SettingsReload::force()
{
  again_ = true;
  begin();
  co_await settled();
}

bool SettingsReload::may_have_changed()
{
  return again_ || (watch_ && watch_->changed());
}

Duration SettingsReload::interval() const
{
  return watch_ ? k_look_interval : k_blind_interval;
}

void SettingsReload::begin()
{
  if (loading_) return;
  loading_ = std::make_shared<Event>(ex_);
  spawn(ex_, "configuration", load(loading_));
}

// In the background: whoever asked for it may go away meanwhile.
asio::awaitable<void> SettingsReload::load(std::shared_ptr<Event> done)
{
  do {
    const bool whatever = may_have_changed();
    again_ = false;
    auto found = co_await look_in_time(whatever);
    looked_at_ = clock_.now();
    if (!found) {
      spdlog::error("the configuration is not reloaded: {}", found.error().what);
      again_ = again_ || whatever;
      break;
    }
    take(std::move(*found));
  } while (again_);
  loading_.reset();
  done->set();
}

// `hanging_` dies with the job, and that with the return of the call.
asio::awaitable<Result<SettingsReload::Found>> SettingsReload::look_in_time(bool whatever)
{
  auto running = std::make_shared<char>();
  hanging_ = running;
  std::optional<Place> known;
  if (!whatever) known = place_;
  auto job = [file = file_, watcher = watcher_, known, watched = watch_.has_value(),
              running = std::move(running)] {
    return Result<Found>(look(file, watcher, known, watched));
  };
  auto found = co_await with_timeout(clock_, k_load_limit, files_.run<Found>(std::move(job)));
  if (found || found.error().code != Errc::timeout) co_return found;
  co_return Error{Errc::timeout, "reading " + file_.path() + " takes too long"};
}

void SettingsReload::take(Found found)
{
  place_ = found.place;
  if (found.watch) {
    watch_ = std::move(found.watch);
    blind_ = false;
  } else if (!found.unwatched.empty()) {
    watch_.reset();
    if (!std::exchange(blind_, true))
      spdlog::warn("changes of the configuration count within a second, not at once: {}",
                   found.unwatched);
  }
  if (!found.config) return;
  settings_.replace(std::move(*found.config));
  if (applied_) applied_();
}

asio::awaitable<void> SettingsReload::settled()
{
  if (const auto loading = loading_) co_await loading->wait();
}

} // namespace purser
