#include "daemon/observe/audit_journal.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace purser {
namespace {

// What every event is found by, whatever its words (journalctl MESSAGE_ID=...).
constexpr std::string_view k_message_id = "6d0f3f3ad3b34be5a7f1b3c0f3b1e0a4";

std::string sentence(const AuditEvent& event)
{
  std::string text = "audit: " + std::string(event.verb) + " " +
                     (event.registry.empty() ? "-" : event.registry) + ": " + event.outcome;
  if (!event.provider.empty()) text += " from " + event.provider;
  if (!event.source.empty()) text += " (" + event.source + ")";
  text += ", for pid " + std::to_string(event.pid) + ", uid " + std::to_string(event.uid);
  if (!event.executable.empty()) text.append(", ").append(event.executable.view());
  return text;
}

// As syslog counts: 6 is info, 5 notice.
std::string_view priority(const AuditEvent& event)
{
  return event.outcome == "ok" || event.outcome == "not_configured" ? "6" : "5";
}

void add_unless_empty(JournalEntry& entry, std::string_view name, std::string_view value)
{
  if (!value.empty()) entry.add(name, value);
}

} // namespace

JournalEntry journal_entry(const AuditEvent& event, std::uint64_t dropped)
{
  using std::chrono::microseconds;
  JournalEntry entry;
  entry.add("MESSAGE", sentence(event));
  entry.add("MESSAGE_ID", k_message_id);
  entry.add("PRIORITY", priority(event));
  entry.add("SYSLOG_IDENTIFIER", "purserd");
  entry.add("PURSER_VERB", event.verb);
  add_unless_empty(entry, "PURSER_REGISTRY", event.registry);
  entry.add("PURSER_OUTCOME", event.outcome);
  add_unless_empty(entry, "PURSER_PROVIDER", event.provider);
  add_unless_empty(entry, "PURSER_SOURCE", event.source);
  entry.add("PURSER_CLIENT_PID", std::to_string(event.pid));
  entry.add("PURSER_CLIENT_UID", std::to_string(event.uid));
  add_unless_empty(entry, "PURSER_CLIENT_EXE", event.executable.view());
  add_unless_empty(entry, "PURSER_CLIENT_CGROUP", event.cgroup.view());
  entry.add("PURSER_CLIENT_LOCAL", event.local ? "yes" : "no");
  const auto took = std::chrono::duration_cast<microseconds>(event.took).count();
  entry.add("PURSER_TOOK_USEC", std::to_string(took));
  if (dropped != 0) entry.add("PURSER_DROPPED", std::to_string(dropped));
  return entry;
}

void AuditJournal::add(const AuditEvent& event)
{
  if (!journal_) return;
  const std::uint64_t dropped = journal_->dropped();
  if (!journal_->send(journal_entry(event, dropped))) {
    if (dropped == 0)
      spdlog::warn("the journal takes no audit events ({}); they are kept in memory only",
                   std::generic_category().message(errno));
    return;
  }
  if (dropped != 0) spdlog::warn("the journal takes audit events again; it lacks {}", dropped);
}

AuditJournal& audit_journal()
{
  const auto wanted = [] {
    const char* const word = std::getenv("PURSER_AUDIT_JOURNAL");
    return word != nullptr && std::string_view(word) == "1";
  };
  static AuditJournal journal(wanted() ? std::optional<Journal>(std::in_place) : std::nullopt);
  return journal;
}

} // namespace purser
