#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/request_handler.hpp"

#include <string_view>

namespace purser {

// The event of a request that came now. `verb` is a literal.
[[nodiscard]] inline AuditEvent begin_trail(std::string_view verb, const Peer& peer, WallTime now)
{
  AuditEvent trail;
  trail.at = now;
  trail.verb = verb;
  trail.outcome = "ok";
  trail.pid = peer.pid;
  trail.uid = peer.uid;
  trail.local = peer.local;
  trail.executable = peer.executable;
  trail.cgroup = peer.cgroup;
  return trail;
}

} // namespace purser
