#include "daemon/observe/audit.hpp"

#include "daemon/observe/audit_journal.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace purser {

void AuditLog::add(AuditEvent event)
{
  if (spdlog::should_log(spdlog::level::debug))
    spdlog::debug("audit: {} {} by {} of pid {} uid {} in {}: {} from {} {}", event.verb,
                  event.registry, event.executable.view(), event.pid, event.uid,
                  event.cgroup.view(), event.outcome, event.provider, event.source);
  tally_.add(event.verb, event.outcome, event.took);
  audit_journal().add(event);
  if (events_.size() >= k_kept) events_.pop_front();
  events_.push_back(std::move(event));
}

} // namespace purser
