#pragma once

#include "daemon/observe/shared_text.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace purser {

// The names of cgroups, which say what started a process: a service, a terminal, a container.
//
// A name is what /proc/PID/cgroup shows of cgroup2, else of systemd's own hierarchy. Reading it
// takes longer than all else that is asked about a client, so it is remembered by the cgroup's
// number. Numbers are never used twice, and a cgroup does not change its name.
class CgroupNames {
public:
  static constexpr std::size_t k_most = 64; // remembered

  // Of `process`, which is in the cgroup of that number where it is known. Empty where the
  // kernel does not say.
  [[nodiscard]] SharedText name(pid_t process, std::optional<std::uint64_t> id);
  // Whether that name is known by the number alone.
  [[nodiscard]] bool remembers(std::optional<std::uint64_t> id) const;

private:
  struct Known {
    std::uint64_t id = 0;
    SharedText name;
  };

  std::vector<Known> known_; // the oldest first
};

} // namespace purser
