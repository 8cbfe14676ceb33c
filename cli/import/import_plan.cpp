#include "cli/import/import_plan.hpp"

#include <utility>

namespace purser::cli {
namespace {

// Another entry with this key and another credential; null where there is none.
const FoundEntry* rival_of(const FoundEntry& entry, const std::vector<FoundEntry>& all)
{
  if (!entry.login) return nullptr;
  for (const auto& other : all)
    if (other.login && other.key == entry.key && !(*other.login == *entry.login)) return &other;
  return nullptr;
}

std::string disagreement(const FoundEntry& entry, const FoundEntry& rival)
{
  const std::string where = rival.source == entry.source ? "here" : "in " + rival.source;
  return "another one is " + where + " as " + rival.name +
         ": remove the wrong one, or import one file alone";
}

struct Verdict {
  Fate fate;
  std::string why;
};

Verdict
judge(const FoundEntry& entry, const FoundEntry* rival, const Standing& standing, bool overwrite)
{
  if (!standing.minted_by.empty()) return {Fate::minted, "purser obtains its tokens by itself"};
  if (!entry.login) return {Fate::unusable, entry.trouble};
  if (rival != nullptr) return {Fate::conflict, disagreement(entry, *rival)};
  if (!standing.stored) return {Fate::import, {}};
  if (*standing.stored == *entry.login) return {Fate::present, {}};
  const auto other = "another one is stored, of user " + standing.stored->username;
  if (overwrite) return {Fate::replace, other};
  return {Fate::conflict, other + ": --overwrite replaces it"};
}

} // namespace

std::vector<PlannedEntry>
plan_import(std::vector<FoundEntry> found, const Standings& standings, bool overwrite)
{
  static const Standing k_nothing;
  std::vector<Verdict> verdicts;
  for (const auto& entry : found) {
    const auto standing = standings.find(entry.key ? entry.key->text() : std::string_view());
    verdicts.push_back(judge(entry, rival_of(entry, found),
                             standing == standings.end() ? k_nothing : standing->second,
                             overwrite));
  }
  std::vector<PlannedEntry> plan;
  for (std::size_t i = 0; i < found.size(); ++i)
    plan.emplace_back(std::move(found[i]), verdicts[i].fate, std::move(verdicts[i].why));
  return plan;
}

} // namespace purser::cli
