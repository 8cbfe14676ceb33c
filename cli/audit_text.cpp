#include "cli/audit_text.hpp"

#include "cli/fields.hpp"
#include "cli/table.hpp"

#include <iterator>
#include <string>
#include <utility>

namespace purser::cli {
namespace {

constexpr std::size_t k_indent = 4;

Ink ink_of(const std::string& outcome)
{
  if (outcome == "ok") return Ink::good;
  return outcome == "not_configured" ? Ink::note : Ink::bad;
}

// "/usr/bin/x, pid 12, uid 1000, cgroup /user.slice"
std::string who_asked(const nlohmann::json& event)
{
  std::string text = text_field(event, "executable") + ", pid " + text_field(event, "pid") +
                     ", uid " + text_field(event, "uid");
  if (const auto group = text_field(event, "cgroup", ""); !group.empty())
    text += ", cgroup " + group;
  return text;
}

// " from ecr (profile prod)"; empty where nobody answered.
std::string who_answered(const nlohmann::json& event)
{
  const auto provider = text_field(event, "provider", "");
  const auto source = text_field(event, "source", "");
  if (provider.empty()) return "";
  return " from " + provider + (source.empty() ? "" : " (" + source + ")");
}

Table table_of(const nlohmann::json& events)
{
  Table table({"TIME", "UID", "PID", "PROGRAM", "VERB", "REGISTRY", "PROVIDER", "SOURCE", "OUTCOME",
               "CGROUP"});
  for (const auto& event : events)
    table.add({text_field(event, "at"), text_field(event, "uid"), text_field(event, "pid"),
               text_field(event, "executable"), text_field(event, "verb"),
               text_field(event, "registry"), text_field(event, "provider"),
               text_field(event, "source"), text_field(event, "outcome"),
               text_field(event, "cgroup")});
  return table;
}

} // namespace

std::vector<Line> event_lines(const nlohmann::json& event, const Look& look)
{
  const auto outcome = text_field(event, "outcome");
  const Line asked{Piece(text_field(event, "at") + "  ", Ink::faint),
                   Piece(text_field(event, "verb") + "  "),
                   Piece(text_field(event, "registry"), Ink::strong)};
  const Line became{Piece(outcome, ink_of(outcome)),
                    Piece(who_answered(event) + ", for " + who_asked(event), Ink::faint)};
  if (!look.terminal || columns_of(asked) + 2 + columns_of(became) <= look.columns) {
    Line whole = asked;
    whole.emplace_back("  ");
    whole.insert(whole.end(), became.begin(), became.end());
    return {std::move(whole)};
  }
  Line below{Piece(std::string(k_indent, ' '))};
  below.insert(below.end(), became.begin(), became.end());
  auto lines = folded(asked, k_indent, look);
  auto more = folded(below, k_indent, look);
  std::move(more.begin(), more.end(), std::back_inserter(lines));
  return lines;
}

void print_audit(const nlohmann::json& audit, const Look& look, std::ostream& out)
{
  const auto events = list_field(audit, "events");
  if (events.empty()) {
    out << "no requests yet\n";
    return;
  }
  const Table table = table_of(events);
  if (!look.terminal || table.columns() <= look.columns) return table.print(out);
  for (const auto& event : events)
    print_lines(event_lines(event, look), look, out);
}

bool is_about(const nlohmann::json& event, std::string_view registry)
{
  const auto name = text_field(event, "registry", "");
  return name == registry || (name.starts_with(registry) && name[registry.size()] == '/');
}

} // namespace purser::cli
