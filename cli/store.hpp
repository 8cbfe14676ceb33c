#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace purser::cli {

// What `purser store migrate` was told.
struct MigrationWords {
  std::string to;
  bool keep_target = false;
  bool keep_source = false;
  bool erase_keyring = false;
};

// `purser store [status] [--json]`: where stored credentials lie, why, and how many.
[[nodiscard]] ExitCode show_store(bool json, std::ostream& out, std::ostream& err);
// `purser store migrate`: the daemon moves them; this shows how far it is, and ends with it. One
// who gives up does not stop it.
[[nodiscard]] ExitCode
migrate_store(const MigrationWords& words, std::ostream& out, std::ostream& err);
// `purser store unlock`: the keyring asks its person, which takes a minute at most.
[[nodiscard]] ExitCode unlock_store(std::ostream& out, std::ostream& err);

// What people read. Never a secret: the daemon sends none.
void print_store(const nlohmann::json& store, std::ostream& out);
[[nodiscard]] std::string migration_line(const nlohmann::json& migration);

void add_store(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
