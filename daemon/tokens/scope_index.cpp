#include "daemon/tokens/scope_index.hpp"

#include <algorithm>

namespace purser {
namespace {

bool covers(const ScopeIndex::Entry& entry, const ScopeSet& wanted, bool benefit_of_doubt)
{
  if (entry.granted) return entry.granted->covers(wanted);
  // One that is on its way is judged again when it is there.
  return (benefit_of_doubt || !entry.fetched) && entry.asked.covers(wanted);
}

// More entries, then more text, is more rights, as near as a choice among those that all do needs.
bool has_fewer_rights(const ScopeIndex::Entry& a, const ScopeIndex::Entry& b)
{
  const auto size = [](const ScopeIndex::Entry& entry) {
    return std::pair(entry.asked.entries().size(), entry.asked.text().size());
  };
  return size(a) < size(b);
}

} // namespace

void ScopeIndex::note_asked(const std::string& family,
                            std::string_view registry,
                            const Entry& entry,
                            BootTime now)
{
  if (families_.size() >= k_max_families && !families_.contains(family)) make_room();
  Family& known = families_[family];
  known.registry = registry;
  known.last_used = now;
  auto& entries = known.entries;
  const auto found = std::find_if(entries.begin(), entries.end(), [&entry](const Entry& other) {
    return other.identity == entry.identity;
  });
  if (found != entries.end()) {
    std::rotate(found, found + 1, entries.end());
    return;
  }
  if (entries.size() >= k_max_entries) entries.erase(entries.begin());
  entries.push_back(entry);
}

void ScopeIndex::make_room()
{
  families_.erase(
      std::min_element(families_.begin(), families_.end(), [](const auto& a, const auto& b) {
        return a.second.last_used < b.second.last_used;
      }));
}

void ScopeIndex::note_granted(const std::string& family,
                              const Identity& identity,
                              std::optional<ScopeSet> granted)
{
  const auto known = families_.find(family);
  if (known == families_.end()) return;
  for (Entry& entry : known->second.entries) {
    if (entry.identity != identity) continue;
    entry.fetched = true;
    entry.granted = std::move(granted);
    return;
  }
}

const ScopeIndex::Entry* ScopeIndex::find(const std::string& family, const Identity& identity) const
{
  const auto known = families_.find(family);
  if (known == families_.end()) return nullptr;
  for (const Entry& entry : known->second.entries)
    if (entry.identity == identity) return &entry;
  return nullptr;
}

std::vector<ScopeIndex::Entry>
ScopeIndex::covering(const std::string& family, const ScopeSet& wanted, bool benefit_of_doubt) const
{
  std::vector<Entry> found;
  const auto known = families_.find(family);
  if (known == families_.end()) return found;
  for (const Entry& entry : known->second.entries)
    if (covers(entry, wanted, benefit_of_doubt)) found.push_back(entry);
  std::stable_sort(found.begin(), found.end(), has_fewer_rights);
  return found;
}

std::vector<Identity> ScopeIndex::take(std::string_view registry)
{
  std::vector<Identity> taken;
  std::erase_if(families_, [&taken, registry](const auto& family) {
    if (family.second.registry != registry) return false;
    for (const Entry& entry : family.second.entries)
      taken.push_back(entry.identity);
    return true;
  });
  return taken;
}

} // namespace purser
