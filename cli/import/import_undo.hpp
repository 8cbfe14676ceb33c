#pragma once

#include "cli/import/kept_records.hpp"
#include "cli/import/stored_logins.hpp"
#include "cli/programs/credential_helper.hpp"
#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser::cli {

// The text of a file into which what an import took out was put back.
struct RestoredText {
  std::string text;
  bool exact = false;      // byte for byte what it was: nobody had edited it
  std::size_t missing = 0; // members whose entry is gone: they are not put back
};

// `now` is what the file holds. Where it is what the import left, the original; else each member
// that is still missing from an entry that is still there. Errors: the text is no JSON any more.
[[nodiscard]] Result<RestoredText> restored(const FileRecord& record, const std::string& now);

// Undoes imports, the latest step first; a step is forgotten when it is undone, so that one that
// was interrupted goes on where it stopped. A file is put back before what was imported from it
// is erased.
class ImportUndo {
public:
  ImportUndo(CredentialHelper helper, StoredLogins stored, KeptRecords records)
    : helper_(std::move(helper)), stored_(std::move(stored)), records_(std::move(records))
  {
  }

  // A line for a person of what was done, or with `dry_run` would be. The first error ends it;
  // what was done before is in `lines`.
  [[nodiscard]] Result<> run(bool dry_run, std::vector<std::string>& lines);

private:
  [[nodiscard]] Result<std::string> undo(const FileRecord& record, bool dry_run);
  [[nodiscard]] Result<std::string> undo(const EntryRecord& record, bool dry_run);

  CredentialHelper helper_;
  StoredLogins stored_;
  KeptRecords records_;
};

} // namespace purser::cli
