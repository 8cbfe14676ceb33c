#pragma once

#include "cli/control_client.hpp"
#include "cli/edit/json_edit.hpp"
#include "cli/programs/login.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// A credential that an import put into the store, written down before it did.
struct EntryRecord {
  std::string registry; // canonical
  Login login;
  std::optional<Login> replaced; // what was stored before; nothing where nothing was
};

// A file that an import took plain text out of, written down before it did.
struct FileRecord {
  std::string path;
  std::string original;          // all of it
  std::vector<JsonPath> removed; // the members that were taken out
};

// One of the two, or neither where a newer purser wrote something else.
struct KeptRecord {
  std::optional<EntryRecord> entry;
  std::optional<FileRecord> file;
};

// What imports did, so that it can be undone. The daemon keeps it, sealed with the credentials
// (daemon/server/import_handler.hpp): nothing of it is on the disk in plain text. Success of
// keep() means that it survives a crash. Names sort by time.
//
// Errors: those of ControlClient.
class KeptRecords {
public:
  // `run` is the same for all records of one import, see run_name().
  KeptRecords(ControlClient daemon, std::string run)
    : daemon_(std::move(daemon)), run_(std::move(run))
  {
  }

  [[nodiscard]] Result<> keep(const EntryRecord& record);
  [[nodiscard]] Result<> keep(const FileRecord& record);
  // The oldest first.
  [[nodiscard]] Result<std::vector<std::string>> names() const;
  [[nodiscard]] Result<KeptRecord> recall(const std::string& name) const;
  [[nodiscard]] Result<> forget(const std::string& name) const;

  // The provider that obtains tokens for a registry; empty where the store answers for it.
  [[nodiscard]] Result<std::string> minted_by(std::string_view registry) const;

  // Of an import that begins now: UTC and our pid.
  [[nodiscard]] static std::string run_name();

private:
  [[nodiscard]] Result<> keep(const nlohmann::json& record);
  [[nodiscard]] Result<nlohmann::json> ask(const char* verb, std::string_view input) const;

  ControlClient daemon_;
  std::string run_;
  int count_ = 0;
};

} // namespace purser::cli
