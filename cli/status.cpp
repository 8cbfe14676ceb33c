#include "cli/status.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"

#include <iostream>
#include <memory>
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
  if (const auto reason = text_field(store, "reason", ""); !reason.empty())
    out << "         " << reason << '\n';
  if (const auto error = text_field(store, "error", ""); !error.empty())
    out << "         FAILS: " << error << '\n';
  if (bool_field(status, "locked"))
    out << "         LOCKED: nothing is handed out; run: purser unlock\n";
  const auto spaces = object_field(status, "namespaces");
  if (const auto count = text_field(spaces, "count", "0"); count != "0")
    out << "spaces   " << count << ", with " << text_field(spaces, "stored")
        << " credentials; see: purser namespace list\n";
  const auto cache = object_field(status, "cache");
  if (const auto place = text_field(cache, "kept_in", ""); !place.empty())
    out << "cache    " << place << '\n';
  if (const auto error = text_field(cache, "error", ""); !error.empty())
    out << "         NOT KEPT, a restart costs new tokens: " << error << '\n';
  const auto locked = status.find("memory_locked");
  if (locked != status.end() && *locked == false)
    out << "memory   NOT LOCKED: secrets could reach swap; raise the limit (ulimit -l)\n";
}

// What is handed out, and whether that goes on.
std::string state_of(const nlohmann::json& entry)
{
  return bool_field(entry, "degraded") ? "degraded" : text_field(entry, "state");
}

void print_errors(const nlohmann::json& entries, std::ostream& out)
{
  for (const auto& entry : entries)
    if (const auto error = text_field(entry, "last_error", ""); !error.empty())
      out << registries_of(entry) << ": " << error << '\n';
}

// What matters most comes first, and what is longest last: a terminal of 80 columns cuts off
// the end of a name at worst.
void print_entries(const nlohmann::json& entries, std::ostream& out)
{
  Table table({"STATE", "REMAINING", "NEXT", "SOURCE", "REGISTRY"});
  for (const auto& entry : entries)
    table.add({state_of(entry), duration_field(entry, "remaining_seconds"), next_of(entry),
               text_field(entry, "source"), registries_of(entry)});
  table.print(out);
  print_errors(entries, out);
}

std::string life_of(const nlohmann::json& entry)
{
  if (duration_field(entry, "age_seconds") == "-") return text_field(entry, "state");
  return text_field(entry, "state") + (bool_field(entry, "degraded") ? " and degraded, " : ", ") +
         duration_field(entry, "age_seconds") + " old, lives another " +
         duration_field(entry, "remaining_seconds") + ", until " + text_field(entry, "expires_at");
}

std::string outcome_of(const nlohmann::json& entry)
{
  std::string text = text_field(entry, "last_outcome");
  if (const auto at = text_field(entry, "last_outcome_at", ""); !at.empty()) text += ", at " + at;
  if (const auto since = text_field(entry, "failing_since", ""); !since.empty())
    text += "; failing since " + since;
  return text;
}

std::string times_of(const nlohmann::json& entry)
{
  const auto times = object_field(entry, "seconds_in");
  std::string text;
  for (const auto* state : {"fresh", "due", "critical", "expired"})
    text += (text.empty() ? "" : ", ") + duration_field(times, state) + " " + state;
  return text;
}

void print_details(const nlohmann::json& entry, std::ostream& out)
{
  out << registries_of(entry) << '\n'
      << "  token     " << text_field(entry, "identity") << ", " << text_field(entry, "provider")
      << ", " << text_field(entry, "source") << '\n'
      << "  state     " << life_of(entry) << '\n'
      << "  renewal   in " << duration_field(entry, "renew_in_seconds") << ", at "
      << text_field(entry, "renew_at") << '\n'
      << "  last try  " << outcome_of(entry) << '\n';
  if (const auto error = text_field(entry, "last_error", ""); !error.empty())
    out << "  error     " << error << '\n'
        << "  next try  in " << duration_field(entry, "next_attempt_in_seconds") << '\n';
  out << "  attempts  " << text_field(entry, "attempts") << ", failed "
      << text_field(entry, "failures") << '\n'
      << "  spent     " << times_of(entry) << '\n';
}

} // namespace

void print_status(const nlohmann::json& status, bool verbose, std::ostream& out)
{
  print_header(status, out);
  const auto entries = list_field(status, "entries");
  out << '\n';
  if (entries.empty())
    out << "no tokens yet\n";
  else if (verbose)
    for (const auto& entry : entries)
      print_details(entry, out);
  else
    print_entries(entries, out);
}

ExitCode show_status(StatusForm form, std::ostream& out, std::ostream& err)
{
  const auto status = ask("/v1/status");
  if (!status) return report(status.error(), err);
  if (form.json)
    out << status->dump(2) << '\n';
  else
    print_status(*status, form.verbose, out);
  return ExitCode::success;
}

void add_status(CLI::App& app, Chosen& chosen)
{
  auto form = std::make_shared<StatusForm>();
  auto* command = app.add_subcommand("status", "The daemon, its tokens and when they are renewed");
  command->add_flag("--verbose,-v", form->verbose, "All that is known of each token");
  command->add_flag("--json", form->json, "The daemon's answer as it is");
  command->callback(
      [form, &chosen] { chosen = [form] { return show_status(*form, std::cout, std::cerr); }; });
}

} // namespace purser::cli
