#include "cli/import/import_undo.hpp"

#include "cli/edit/edited_file.hpp"
#include "cli/printable.hpp"
#include "common/registry_key.hpp"

#include <algorithm>
#include <utility>

namespace purser::cli {
namespace {

// What the import left behind, by the same edits.
Result<std::string> text_left(const FileRecord& record)
{
  auto edit = JsonEdit::parse(record.original);
  if (!edit) return edit.error();
  for (const auto& member : record.removed)
    if (const auto done = edit->remove(member); !done) return done.error();
  return edit->text();
}

} // namespace

Result<RestoredText> restored(const FileRecord& record, const std::string& now)
{
  if (const auto left = text_left(record); (left && *left == now) || now == record.original)
    return RestoredText{record.original, true, 0};
  const auto original = JsonEdit::parse(record.original);
  if (!original) return original.error();
  auto edit = JsonEdit::parse(now);
  if (!edit) return edit.error();
  RestoredText text;
  for (const auto& member : record.removed) {
    const auto* const value = original->find(member);
    const auto* const entry = edit->find(JsonPath(member.begin(), member.end() - 1));
    if (value == nullptr || entry == nullptr || !entry->is_object()) {
      ++text.missing;
      continue;
    }
    if (edit->find(member) != nullptr) continue; // somebody logged in again
    if (const auto done = edit->set(member, *value); !done) return done.error();
  }
  text.text = edit->text();
  return text;
}

Result<> ImportUndo::run(bool dry_run, std::vector<std::string>& lines)
{
  auto names = records_.names();
  if (!names) return names.error();
  std::reverse(names->begin(), names->end());
  for (const auto& name : *names) {
    const auto record = records_.recall(name);
    if (!record) return record.error();
    if (!record->file && !record->entry)
      return Error(Errc::misconfigured, "a newer purser wrote down " + name + ": undo with that");
    const auto line = record->file ? undo(*record->file, dry_run) : undo(*record->entry, dry_run);
    if (!line) return line.error();
    lines.push_back(*line);
    if (dry_run) continue;
    if (const auto gone = records_.forget(name); !gone) return gone.error();
  }
  return {};
}

Result<std::string> ImportUndo::undo(const FileRecord& record, bool dry_run)
{
  auto file = EditedFile::read(record.path);
  if (!file) return file.error();
  if (!file->exists())
    return Error(Errc::misconfigured,
                 record.path +
                     " is gone, and what was imported from it stays: put a file there ({} "
                     "will do) or drop what is kept: purser import --forget");
  const auto text = restored(record, file->text());
  if (!text) return Error(text.error().code, record.path + ": " + text.error().what);
  if (!dry_run && text->text != file->text())
    if (const auto done = file->replace(text->text); !done) return done.error();
  std::string line = printable(record.path) + ": restored";
  line += text->exact ? ", byte for byte" : "; it was edited since, and that stays";
  if (text->missing != 0)
    line += "; " + std::to_string(text->missing) + " of its entries are gone and stay so";
  return line;
}

Result<std::string> ImportUndo::undo(const EntryRecord& record, bool dry_run)
{
  const auto key = RegistryKey::parse(record.registry);
  if (!key) return Error(Errc::internal, "a record names no registry");
  const auto held = stored_.find(*key);
  if (!held) return held.error();
  if (!*held) return record.registry + ": not stored any more";
  if (!(**held == record.login)) return record.registry + ": changed since, stays as it is";
  if (dry_run) return record.registry + (record.replaced ? ": the one before it" : ": erased");
  const auto done =
      record.replaced ? helper_.store(key->text(), *record.replaced) : helper_.erase(key->text());
  if (!done) return done.error();
  return record.registry +
         (record.replaced ? ": the one before it is stored again" : ": erased from purser's store");
}

} // namespace purser::cli
