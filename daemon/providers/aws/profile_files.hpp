#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/file_watch.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/providers/aws/profiles.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace purser::aws {

// The contents of a pair of files, and how to find out that they are no longer those.
struct ProfileSnapshot {
  ProfileSnapshot(Profiles p, std::weak_ptr<FileWatch> w)
    : profiles(std::move(p)), watch(std::move(w))
  {
  }

  Profiles profiles;
  // Begun before the files were read. Gone where it is not possible, and with the first change.
  std::weak_ptr<FileWatch> watch;
};

// Reads pairs of shared files, off the loop, for many askers at once: each gets contents
// from after its call, and of one pair at most two readings are ahead of anybody.
class ProfileFiles {
public:
  ProfileFiles(boost::asio::any_io_executor ex, WorkerPool& files);
  ProfileFiles(const ProfileFiles&) = delete;
  ProfileFiles& operator=(const ProfileFiles&) = delete;

  using Snapshot = std::shared_ptr<const ProfileSnapshot>;
  // Errors are those of read_profiles() and of the pool.
  [[nodiscard]] boost::asio::awaitable<Result<Snapshot>> read(ProfilePaths paths);

private:
  struct Reading {
    explicit Reading(const boost::asio::any_io_executor& ex) : done(ex) {}
    Event done;
    std::optional<Result<Snapshot>> outcome;
  };
  // The first reading is under way, the second begins after it.
  struct Pair {
    std::deque<std::shared_ptr<Reading>> readings;
    std::shared_ptr<FileWatch> watch;
    unsigned long last_use = 0;
  };

  boost::asio::awaitable<void> read_all(ProfilePaths paths);
  boost::asio::awaitable<Result<Snapshot>> read_once(ProfilePaths paths);
  void limit_pairs();

  boost::asio::any_io_executor ex_;
  WorkerPool& files_;
  std::map<ProfilePaths, Pair> pairs_;
  unsigned long uses_ = 0;
};

} // namespace purser::aws
