#include "cli/status.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"

#include <string>

namespace purser::cli {
namespace {

std::string registries_of(const nlohmann::json& entry)
{
  const auto found = entry.find("registries");
  std::string names;
  if (found == entry.end() || !found->is_array()) return "-";
  for (const auto& name : *found) {
    if (!name.is_string()) continue;
    names += (names.empty() ? "" : ",") + printable(name.get_ref<const std::string&>());
  }
  return names.empty() ? "-" : names;
}

// When the daemon will do something by itself: renew, or try again after a failure.
std::string next_of(const nlohmann::json& entry)
{
  const auto retry = duration_field(entry, "next_attempt_in_seconds");
  if (retry != "-") return "retry in " + retry;
  const auto renew = duration_field(entry, "renew_in_seconds");
  return renew == "-" ? "-" : "renew in " + renew;
}

void print_header(const nlohmann::json& status, std::ostream& out)
{
  const auto config = object_field(status, "config");
  const auto store = object_field(status, "store");
  out << "purserd " << text_field(status, "version") << ", pid " << text_field(status, "pid")
      << ", up " << duration_field(status, "uptime_seconds") << ", started by "
      << text_field(status, "started_by") << '\n'
      << "socket   " << text_field(status, "socket") << '\n'
      << "config   " << text_field(config, "path") << '\n';
  if (const auto error = text_field(config, "error", ""); !error.empty())
    out << "         NOT IN USE: " << error << '\n';
  out << "store    " << text_field(store, "description") << '\n';
  if (const auto error = text_field(store, "error", ""); !error.empty())
    out << "         FAILS: " << error << '\n';
  const auto cache = object_field(status, "cache");
  if (const auto place = text_field(cache, "kept_in", ""); !place.empty())
    out << "cache    " << place << '\n';
  if (const auto error = text_field(cache, "error", ""); !error.empty())
    out << "         NOT KEPT, a restart costs new tokens: " << error << '\n';
  const auto locked = status.find("memory_locked");
  if (locked != status.end() && *locked == false)
    out << "memory   NOT LOCKED: secrets could reach swap; raise the limit (ulimit -l)\n";
}

void print_entries(const nlohmann::json& entries, std::ostream& out)
{
  Table table({"REGISTRY", "PROVIDER", "IDENTITY", "SOURCE", "STATE", "AGE", "REMAINING", "NEXT"});
  for (const auto& entry : entries)
    table.add({registries_of(entry), text_field(entry, "provider"), text_field(entry, "identity"),
               text_field(entry, "source"), text_field(entry, "state"),
               duration_field(entry, "age_seconds"), duration_field(entry, "remaining_seconds"),
               next_of(entry)});
  table.print(out);
  for (const auto& entry : entries)
    if (const auto error = text_field(entry, "last_error", ""); !error.empty())
      out << registries_of(entry) << ": " << error << '\n';
}

} // namespace

void print_status(const nlohmann::json& status, std::ostream& out)
{
  print_header(status, out);
  const auto entries = list_field(status, "entries");
  out << '\n';
  if (entries.empty())
    out << "no tokens yet\n";
  else
    print_entries(entries, out);
}

ExitCode show_status(bool json, std::ostream& out, std::ostream& err)
{
  const auto status = ask("/v1/status");
  if (!status) return report(status.error(), err);
  if (json)
    out << status->dump(2) << '\n';
  else
    print_status(*status, out);
  return ExitCode::success;
}

} // namespace purser::cli
