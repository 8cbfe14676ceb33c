#pragma once

#include "cli/import/import_plan.hpp"
#include "cli/import/kept_records.hpp"
#include "cli/import/sources.hpp"
#include "cli/import/stored_logins.hpp"
#include "cli/programs/credential_helper.hpp"
#include "common/result.hpp"

#include <set>
#include <string>
#include <vector>

namespace purser::cli {

// What became of the plain text of one file.
struct CleanedFile {
  std::string path;
  std::size_t removed = 0; // members
};

enum class PlainText {
  where_asked, // is removed where the clients of the file ask purser instead
  remove,      // in any case
  keep         // in no case
};

// Carries out a plan. Whatever stops it, nothing is lost: a credential is verified to be in the
// store before its plain text goes, that text is kept sealed before it goes, and a file is
// replaced as a whole. The same import again goes on where the first one stopped.
class Importer {
public:
  Importer(CredentialHelper helper, StoredLogins stored, KeptRecords records)
    : helper_(std::move(helper)), stored_(std::move(stored)), records_(std::move(records))
  {
  }

  // Stores what the plan says and gets it back. Stops at the first that fails; what was stored
  // before stays. Then taken() has what is verified.
  [[nodiscard]] Result<> store(const std::vector<PlannedEntry>& plan);

  // Takes the plain text of verified entries out of one file.
  [[nodiscard]] Result<CleanedFile>
  clean(SourceFile& source, const std::vector<PlannedEntry>& plan, PlainText plain);

  // Whether the credential of this entry was seen in the store.
  [[nodiscard]] bool verified(const PlannedEntry& entry) const;
  // How many were stored that were not there.
  [[nodiscard]] std::size_t stored() const { return count_; }

private:
  [[nodiscard]] Result<> store(const PlannedEntry& entry);
  [[nodiscard]] Result<> verify(const PlannedEntry& entry);

  CredentialHelper helper_;
  StoredLogins stored_;
  KeptRecords records_;
  std::set<std::string, std::less<>> verified_; // canonical keys
  std::size_t count_ = 0;
};

// Whether the plain text of a verified entry goes.
[[nodiscard]] bool goes(const FoundEntry& entry, PlainText plain);

} // namespace purser::cli
