#include "cli/import/import_report.hpp"

#include "cli/printable.hpp"
#include "cli/table.hpp"
#include "common/version.hpp"

#include <algorithm>
#include <set>

namespace purser::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view name_of(Fate fate)
{
  switch (fate) {
  case Fate::import: return "import";
  case Fate::present: return "present";
  case Fate::replace: return "replace";
  case Fate::conflict: return "conflict";
  case Fate::minted: return "minted";
  case Fate::unusable: return "unusable";
  }
  return "unusable";
}

std::string words_for(const PlannedEntry& entry)
{
  switch (entry.fate) {
  case Fate::import: return "import";
  case Fate::present: return "stored already";
  case Fate::replace: return "replace: " + entry.why;
  case Fate::conflict: return "CONFLICT: " + entry.why;
  case Fate::minted:
  case Fate::unusable: return "left: " + entry.why;
  }
  return {};
}

std::string stay_reason(const FoundEntry& entry, PlainText plain)
{
  return plain == PlainText::keep ? "as asked" : entry.keep_plain;
}

std::string what_happens(const PlannedEntry& entry, PlainText plain)
{
  std::string text = words_for(entry);
  if (!is_taken(entry.fate) || entry.found.plain.empty()) return text;
  if (goes(entry.found, plain)) return text + "; its plain text goes";
  return text + "; its plain text stays: " + stay_reason(entry.found, plain);
}

std::string registry_of(const FoundEntry& entry)
{
  return printable(entry.key ? entry.key->text() : entry.name);
}

std::string username_of(const FoundEntry& entry)
{
  return entry.login ? printable(entry.login->username) : "-";
}

// Files whose clients would have to be told of purser before their plain text can go.
std::set<std::string> files_not_asking(const std::vector<PlannedEntry>& plan)
{
  std::set<std::string> files;
  for (const auto& entry : plan)
    if (is_taken(entry.fate) && entry.found.may_ask && !entry.found.keep_plain.empty())
      files.insert(entry.found.source);
  return files;
}

const char* fate_of_plain_text(const PlannedEntry& entry,
                               const ImportOutcome& outcome,
                               bool verified,
                               PlainText plain)
{
  if (entry.found.plain.empty()) return "none";
  if (!goes(entry.found, plain) || !is_taken(entry.fate)) return "kept";
  if (outcome.dry_run) return "to_be_removed";
  const bool cleaned =
      std::any_of(outcome.cleaned.begin(), outcome.cleaned.end(),
                  [&entry](const CleanedFile& file) { return file.path == entry.found.source; });
  return verified && cleaned ? "removed" : "kept";
}

Json json_of(const PlannedEntry& entry,
             const ImportOutcome& outcome,
             bool verified,
             PlainText plain)
{
  const auto& found = entry.found;
  Json json;
  json["registry"] = found.key ? Json(found.key->text()) : Json(nullptr);
  json["name"] = found.name;
  json["username"] = found.login ? Json(found.login->username) : Json(nullptr);
  json["source"] = found.source;
  json["fate"] = name_of(entry.fate);
  json["why"] = entry.why.empty() ? Json(nullptr) : Json(entry.why);
  json["verified"] = verified;
  json["plain_text"] = fate_of_plain_text(entry, outcome, verified, plain);
  json["plain_text_why"] = found.keep_plain.empty() ? Json(nullptr) : Json(found.keep_plain);
  return json;
}

} // namespace

std::size_t count(const std::vector<PlannedEntry>& plan, Fate fate)
{
  return static_cast<std::size_t>(std::count_if(
      plan.begin(), plan.end(), [fate](const PlannedEntry& e) { return e.fate == fate; }));
}

bool has_work(const std::vector<PlannedEntry>& plan, PlainText plain)
{
  return std::any_of(plan.begin(), plan.end(), [plain](const PlannedEntry& entry) {
    if (entry.fate == Fate::present) return !entry.found.plain.empty() && goes(entry.found, plain);
    return is_taken(entry.fate);
  });
}

void print_plan(const std::vector<PlannedEntry>& plan, PlainText plain, std::ostream& out)
{
  if (plan.empty()) {
    out << "there is nothing to import\n";
    return;
  }
  Table table({"REGISTRY", "USER", "FROM", "WHAT"});
  for (const auto& entry : plan)
    table.add({registry_of(entry.found), username_of(entry.found), printable(entry.found.source),
               printable(what_happens(entry, plain))});
  table.print(out);
}

void print_outcome(const std::vector<PlannedEntry>& plan,
                   const ImportOutcome& outcome,
                   PlainText plain,
                   std::ostream& out)
{
  if (!outcome.dry_run) {
    out << "stored " << outcome.stored << ", each seen in the store afterwards\n";
    for (const auto& file : outcome.cleaned)
      if (file.removed != 0)
        out << printable(file.path) << ": plain text removed; it is kept, sealed, for: purser "
            << "import --undo\n";
  }
  if (const auto conflicts = count(plan, Fate::conflict); conflicts != 0)
    out << conflicts << (conflicts == 1 ? " conflict is" : " conflicts are")
        << " for you to settle; nothing was done about them\n";
  if (plain != PlainText::where_asked) return;
  for (const auto& file : files_not_asking(plan))
    out << printable(file) << ": plain text stays, as its clients would find it nowhere else; "
        << "purser setup has them ask purser, then run this again\n";
}

Json json_report(const std::vector<PlannedEntry>& plan,
                 const ImportOutcome& outcome,
                 PlainText plain)
{
  Json json;
  json["version"] = program_version();
  json["dry_run"] = outcome.dry_run;
  json["entries"] = Json::array();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const bool verified = i < outcome.verified.size() && outcome.verified[i];
    json["entries"].push_back(json_of(plan[i], outcome, verified, plain));
  }
  json["files"] = Json::array();
  for (const auto& file : outcome.cleaned)
    json["files"].push_back({{"path", file.path}, {"members_removed", file.removed}});
  json["troubles"] = outcome.troubles;
  return json;
}

} // namespace purser::cli
