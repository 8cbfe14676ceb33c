#include "daemon/providers/aws/profile_files.hpp"

#include "daemon/async/spawn.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace purser::aws {
namespace asio = boost::asio;

namespace {

// One inotify instance each, of 128 that a user has by default.
constexpr std::size_t k_max_pairs = 16;

struct Contents {
  Contents(Profiles p, std::shared_ptr<FileWatch> w) : profiles(std::move(p)), watch(std::move(w))
  {
  }

  Profiles profiles;
  std::shared_ptr<FileWatch> watch;
};

// Blocks. `watch` is one that holds already, or null.
Result<Contents> read_watched(const ProfilePaths& paths, std::shared_ptr<FileWatch> watch)
{
  if (watch == nullptr) {
    std::vector<std::string> names;
    for (const std::string* name : {&paths.config, &paths.credentials}) {
      if (!name->empty()) names.push_back(*name);
    }
    if (auto begun = FileWatch::begin(names))
      watch = std::make_shared<FileWatch>(std::move(*begun));
  }
  auto profiles = read_profiles(paths);
  if (!profiles) return profiles.error();
  return Contents(std::move(*profiles), std::move(watch));
}

} // namespace

ProfileFiles::ProfileFiles(asio::any_io_executor ex, WorkerPool& files)
  : ex_(std::move(ex)), files_(files)
{
}

asio::awaitable<Result<ProfileFiles::Snapshot>> ProfileFiles::read(ProfilePaths paths)
{
  Pair& pair = pairs_[paths];
  pair.last_use = ++uses_;
  // A reading that is under way may have begun before the edit that this asker counts on.
  if (pair.readings.size() < 2) pair.readings.push_back(std::make_shared<Reading>(ex_));
  const auto reading = pair.readings.back();
  if (pair.readings.size() == 1) spawn(ex_, "profile files", read_all(std::move(paths)));
  co_await reading->done.wait();
  co_return *reading->outcome;
}

// Belongs to nobody who asks: it goes on when they are gone.
asio::awaitable<void> ProfileFiles::read_all(ProfilePaths paths)
{
  while (!pairs_[paths].readings.empty()) {
    const auto reading = pairs_[paths].readings.front();
    reading->outcome = co_await contained(read_once(paths));
    pairs_[paths].readings.pop_front();
    reading->done.set();
  }
  limit_pairs();
}

asio::awaitable<Result<ProfileFiles::Snapshot>> ProfileFiles::read_once(ProfilePaths paths)
{
  auto& held = pairs_[paths].watch;
  // The job takes it along: closing it may block.
  auto stale = held != nullptr && held->changed() ? std::exchange(held, nullptr) : nullptr;
  auto job = [paths, watch = held, stale = std::move(stale)] { return read_watched(paths, watch); };
  auto contents = co_await files_.run<Contents>(std::move(job));
  if (!contents) co_return contents.error();
  pairs_[paths].watch = contents->watch;
  co_return std::make_shared<const ProfileSnapshot>(std::move(contents->profiles), contents->watch);
}

void ProfileFiles::limit_pairs()
{
  while (pairs_.size() > k_max_pairs) {
    const auto idle_since = [](const auto& entry) {
      return entry.second.readings.empty() ? entry.second.last_use : ~0UL;
    };
    const auto oldest =
        std::min_element(pairs_.begin(), pairs_.end(), [&idle_since](const auto& a, const auto& b) {
          return idle_since(a) < idle_since(b);
        });
    if (!oldest->second.readings.empty()) return; // all in use
    pairs_.erase(oldest);
  }
}

} // namespace purser::aws
