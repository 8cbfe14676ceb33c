#pragma once

#include "cli/import/import_plan.hpp"
#include "cli/import/importer.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

// What an import came to; of a dry run only the plan.
struct ImportOutcome {
  bool dry_run = true;
  std::vector<bool> verified; // of each entry of the plan; empty in a dry run
  std::size_t stored = 0;
  std::vector<CleanedFile> cleaned;
  std::vector<std::string> troubles; // one line each
};

// A table of the plan, with what happens to the plain text. Never a secret.
void print_plan(const std::vector<PlannedEntry>& plan, PlainText plain, std::ostream& out);

// What was done, in a few lines, and what is left to do.
void print_outcome(const std::vector<PlannedEntry>& plan,
                   const ImportOutcome& outcome,
                   PlainText plain,
                   std::ostream& out);

// All of it for scripts.
[[nodiscard]] nlohmann::ordered_json
json_report(const std::vector<PlannedEntry>& plan, const ImportOutcome& outcome, PlainText plain);

[[nodiscard]] std::size_t count(const std::vector<PlannedEntry>& plan, Fate fate);

// Whether there is anything that carrying it out would change.
[[nodiscard]] bool has_work(const std::vector<PlannedEntry>& plan, PlainText plain);

} // namespace purser::cli
