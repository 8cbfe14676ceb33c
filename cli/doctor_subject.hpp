#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace purser::cli {

// What `purser doctor` is to examine: [REGISTRY[/REPOSITORY[:ACTIONS]]].
class DoctorSubject {
public:
  explicit DoctorSubject(std::optional<std::string> asked);

  [[nodiscard]] const std::optional<std::string>& asked() const { return asked_; }
  // The same without the actions; nothing where nothing was asked.
  [[nodiscard]] std::optional<std::string> registry() const;
  // A colon behind the last part of a path, with anything but a number: that would be a port.
  [[nodiscard]] bool has_actions() const { return end_ != std::string::npos; }

private:
  std::optional<std::string> asked_;
  std::size_t end_ = std::string::npos; // of the registry and its repository
};

} // namespace purser::cli
