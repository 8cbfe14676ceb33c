#include "cli/import/importer.hpp"

#include <utility>

namespace purser::cli {

bool goes(const FoundEntry& entry, PlainText plain)
{
  if (plain == PlainText::where_asked) return entry.keep_plain.empty();
  return plain == PlainText::remove;
}

bool Importer::verified(const PlannedEntry& entry) const
{
  return is_taken(entry.fate) && verified_.contains(entry.found.key->text());
}

Result<> Importer::store(const std::vector<PlannedEntry>& plan)
{
  for (const auto& entry : plan) {
    if (!is_taken(entry.fate) || verified(entry)) continue;
    if (entry.fate != Fate::present)
      if (const auto done = store(entry); !done) return done.error();
    if (const auto done = verify(entry); !done) return done.error();
  }
  return {};
}

Result<> Importer::store(const PlannedEntry& entry)
{
  const auto& key = *entry.found.key;
  auto before = stored_.find(key);
  if (!before) return before.error();
  EntryRecord record{std::string(key.text()), entry.found.login->clone(), std::move(*before)};
  if (record.replaced && *record.replaced == record.login) return {}; // somebody was faster
  if (record.replaced && entry.fate != Fate::replace)
    return Error(Errc::transient, record.registry + ": another one was stored meanwhile");
  if (const auto kept = records_.keep(record); !kept) return kept.error();
  const auto done = helper_.store(key.text(), record.login);
  if (!done) return done.error();
  stored_.remember(key);
  ++count_;
  return {};
}

Result<> Importer::verify(const PlannedEntry& entry)
{
  const auto& key = *entry.found.key;
  const auto held = stored_.find(key);
  if (!held) return held.error();
  if (!*held || !(**held == *entry.found.login))
    return Error(Errc::internal, std::string(key.text()) +
                                     ": what was stored does not come back: nothing is removed");
  verified_.emplace(key.text());
  return {};
}

Result<CleanedFile>
Importer::clean(SourceFile& source, const std::vector<PlannedEntry>& plan, PlainText plain)
{
  FileRecord record{source.file.path(), source.text.text(), {}};
  JsonEdit edit = source.text;
  for (const auto& entry : plan) {
    if (entry.found.source != source.file.path() || !verified(entry)) continue;
    if (!goes(entry.found, plain)) continue;
    for (const auto& member : entry.found.plain) {
      if (const auto done = edit.remove(member); !done) return done.error();
      record.removed.push_back(member);
    }
  }
  CleanedFile cleaned{record.path, record.removed.size()};
  if (record.removed.empty()) {
    source.file.remove_rest();
    return cleaned;
  }
  if (const auto kept = records_.keep(record); !kept) return kept.error();
  if (const auto done = source.file.replace(edit.text()); !done) return done.error();
  return cleaned;
}

} // namespace purser::cli
