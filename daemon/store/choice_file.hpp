#pragma once

#include "common/result.hpp"
#include "daemon/store/store_choice.hpp"

#include <optional>
#include <string>
#include <utility>

namespace purser {

// The written choice, `store` beside the sealed file. All of it blocks; several processes may use
// it at once. A file that cannot be read is an error (misconfigured, protocol_error) and stays.
class ChoiceFile {
public:
  explicit ChoiceFile(std::string path) : path_(std::move(path)) {}

  // Nothing where none was made yet.
  [[nodiscard]] Result<std::optional<StoreChoice>> read() const;
  // Writes it down unless somebody was first, and gives what stands there. Survives a crash.
  [[nodiscard]] Result<StoreChoice> create(const StoreChoice& choice) const;
  // In the place of what stands there. Only for who holds the lock of a migration.
  [[nodiscard]] Result<> replace(const StoreChoice& choice) const;

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace purser
