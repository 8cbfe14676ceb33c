#pragma once

#include "cli/edit/edited_file.hpp"
#include "cli/edit/json_edit.hpp"
#include "cli/edit/text_splice.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace purser::cli::setup {

// One member of a JSON file that was set. Members that name helpers hold no secrets, neither
// before nor after.
struct SetMember {
  JsonPath path;
  std::optional<nlohmann::json> before; // nothing: there was none
  std::string after;
  bool made_parent = false; // the object around it was not there
};

// What was done to a file, enough to take it back; never a copy of the file.
struct FileRecord {
  std::string client;               // "docker", "helm", ...
  std::string path;                 // as the client knows it, links and all
  bool created = false;             // there was none
  std::vector<std::string> folders; // that were made for it, the outermost first
  std::size_t size = 0;             // of the file afterwards
  std::vector<TextSplice> splices;  // in the order in which they were made
  std::vector<SetMember> members;   // empty for files that are not JSON
};

// What setup would do to one file.
struct PlannedFile {
  EditedFile file;
  std::string after; // equal to file.text(): there is nothing to do
  FileRecord record;
  std::string diff; // for people; no value of a file that may hold secrets
  std::vector<std::string> notes;
};

// A plan, or why there is none: Errc::interaction_required says what a person has to do by hand.
using Planned = Result<PlannedFile>;

} // namespace purser::cli::setup
