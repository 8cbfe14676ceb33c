#pragma once

#include "cli/setup/planned_file.hpp"
#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser::cli::setup {

// What setup did to which file, oldest first, so that it can be undone: a file of ours (0600,
// in a folder 0700), replaced in one step. A record is written before its file is edited; one
// whose edit never came to be finds nothing to undo.
//
// One that is open for writing holds a lock: only one setup changes things at a time.
class Journal {
public:
  enum class Use { reading, writing };

  // No journal yet is an empty one. Errors: transient where another setup runs; misconfigured
  // where the file is not what we write.
  [[nodiscard]] static Result<Journal> open(const std::string& path, Use use);

  [[nodiscard]] const std::vector<FileRecord>& records() const { return records_; }
  [[nodiscard]] Result<> add(FileRecord record);
  // Takes the record at `index` out.
  [[nodiscard]] Result<> drop(std::size_t index);

private:
  Journal(std::string path, FileDescriptor lock);

  [[nodiscard]] Result<> save() const;

  std::string path_;
  FileDescriptor lock_;
  std::vector<FileRecord> records_;
};

} // namespace purser::cli::setup
