#pragma once

#include "daemon/observe/request_tally.hpp"
#include "daemon/observe/shared_text.hpp"
#include "daemon/time/clock.hpp"

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace purser {

// Who asked for what, and what came of it. Never a secret.
struct AuditEvent {
  WallTime at{};
  std::string_view verb; // a literal
  std::string registry;
  std::string provider; // who answered: "ecr", "store", "override"; empty: nobody
  std::string source;   // "profile prod"; empty where there is none
  std::string outcome;  // "ok", or the name of an Errc
  pid_t pid = 0;
  uid_t uid = 0;
  bool local = false;
  SharedText executable;
  SharedText cgroup;
  Duration took{};
};

// The last events, a log line at debug level for each, and counts of all.
class AuditLog {
public:
  static constexpr std::size_t k_kept = 1000;

  void add(AuditEvent event);
  [[nodiscard]] const std::deque<AuditEvent>& events() const { return events_; }
  [[nodiscard]] const RequestTally& tally() const { return tally_; }

private:
  std::deque<AuditEvent> events_;
  RequestTally tally_;
};

} // namespace purser
