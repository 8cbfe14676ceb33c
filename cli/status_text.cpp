#include "cli/status_text.hpp"

#include "cli/fields.hpp"
#include "cli/table.hpp"

#include <utility>

namespace purser::cli {
namespace {

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

// A line whose label stands in front of it.
Line labelled(const char* label, std::string text, Ink ink = Ink::plain)
{
  return {Piece(padded(label, k_label), Ink::faint), Piece(std::move(text), ink)};
}

// Only where there is something to say.
void add_unless_empty(std::vector<Line>& lines, std::string text, Ink ink, const char* before)
{
  if (!text.empty()) lines.push_back(labelled("", before + std::move(text), ink));
}

void add_store(std::vector<Line>& lines, const nlohmann::json& status)
{
  const auto store = object_field(status, "store");
  lines.push_back(labelled("store", text_field(store, "description")));
  add_unless_empty(lines, text_field(store, "reason", ""), Ink::plain, "");
  add_unless_empty(lines, text_field(store, "error", ""), Ink::bad, "FAILS: ");
  if (bool_field(status, "locked"))
    lines.push_back(
        labelled("", "LOCKED: nothing is handed out; run: purser unlock", Ink::warning));
  const auto spaces = object_field(status, "namespaces");
  if (const auto count = text_field(spaces, "count", "0"); count != "0")
    lines.push_back(labelled("spaces", count + ", with " + text_field(spaces, "stored") +
                                           " credentials; see: purser namespace list"));
}

void add_memory(std::vector<Line>& lines, const nlohmann::json& status)
{
  const auto cache = object_field(status, "cache");
  if (const auto place = text_field(cache, "kept_in", ""); !place.empty())
    lines.push_back(labelled("cache", place));
  add_unless_empty(lines, text_field(cache, "error", ""), Ink::warning,
                   "NOT KEPT, a restart costs new tokens: ");
  const auto locked = status.find("memory_locked");
  if (locked != status.end() && *locked == false)
    lines.push_back(labelled("memory",
                             "NOT LOCKED: secrets could reach swap; raise the limit (ulimit -l)",
                             Ink::warning));
  const auto hardening = object_field(status, "hardening");
  if (const auto missing = hardening.find("missing"); missing != hardening.end())
    for (const auto& line : *missing)
      if (line.is_string())
        lines.push_back(
            labelled("sandbox", "INCOMPLETE: " + printable(line.get<std::string>()), Ink::warning));
}

} // namespace

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

std::string next_of(const nlohmann::json& entry)
{
  const auto retry = duration_field(entry, "next_attempt_in_seconds");
  if (retry != "-") return "retry in " + retry;
  const auto renew = duration_field(entry, "renew_in_seconds");
  return renew == "-" ? "-" : "renew in " + renew;
}

std::string state_of(const nlohmann::json& entry)
{
  return bool_field(entry, "degraded") ? "degraded" : text_field(entry, "state");
}

std::vector<Line> daemon_lines(const nlohmann::json& status)
{
  const auto config = object_field(status, "config");
  std::vector<Line> lines;
  lines.push_back({Piece("purserd " + text_field(status, "version"), Ink::strong),
                   Piece(", pid " + text_field(status, "pid") + ", up " +
                         duration_field(status, "uptime_seconds") + ", started by " +
                         text_field(status, "started_by"))});
  lines.push_back(labelled("socket", text_field(status, "socket")));
  lines.push_back(labelled("config", text_field(config, "path")));
  add_unless_empty(lines, text_field(config, "error", ""), Ink::bad, "NOT IN USE: ");
  add_store(lines, status);
  add_memory(lines, status);
  return lines;
}

std::vector<Line> detail_lines(const nlohmann::json& entry)
{
  std::vector<Line> lines;
  const auto add = [&lines](const char* label, std::string text, Ink ink = Ink::plain) {
    lines.push_back({Piece(padded(label, k_detail), Ink::faint), Piece(std::move(text), ink)});
  };
  lines.push_back({Piece(registries_of(entry), Ink::strong)});
  add("  token", text_field(entry, "identity") + ", " + text_field(entry, "provider") + ", " +
                     text_field(entry, "source"));
  add("  state", life_of(entry));
  add("  renewal",
      "in " + duration_field(entry, "renew_in_seconds") + ", at " + text_field(entry, "renew_at"));
  add("  last try", outcome_of(entry));
  if (auto error = text_field(entry, "last_error", ""); !error.empty()) {
    add("  error", std::move(error), Ink::bad);
    add("  next try", "in " + duration_field(entry, "next_attempt_in_seconds"));
  }
  add("  attempts", text_field(entry, "attempts") + ", failed " + text_field(entry, "failures"));
  add("  spent", times_of(entry));
  return lines;
}

void print_status(const nlohmann::json& status, bool verbose, std::ostream& out)
{
  const Look plain;
  print_lines(daemon_lines(status), plain, out);
  const auto entries = list_field(status, "entries");
  out << '\n';
  if (entries.empty())
    out << "no tokens yet\n";
  else if (verbose)
    for (const auto& entry : entries)
      print_lines(detail_lines(entry), plain, out);
  else
    print_entries(entries, out);
}

} // namespace purser::cli
