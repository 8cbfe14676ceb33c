#pragma once

#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// One object of the configuration, read key by key. Remembers the first complaint, so
// that its user reads straight through and asks once, at the end.
class ObjectReader {
public:
  static constexpr std::size_t k_max_variables = 64;
  static constexpr std::size_t k_max_value = 4095;

  // `place` is how errors call the object: "registries[1]"; empty for the whole file.
  ObjectReader(const nlohmann::json& object, std::string place);

  // Complains about keys that are not in `known`; those in `later` are announced for
  // a later version.
  void refuse_others(std::span<const std::string_view> known,
                     std::span<const std::string_view> later = {});

  // Nothing where the key is absent, or of another type, which is a complaint.
  [[nodiscard]] std::optional<std::string> text(std::string_view key, std::size_t limit);
  [[nodiscard]] std::optional<bool> flag(std::string_view key);
  [[nodiscard]] std::optional<long long>
  number(std::string_view key, long long least, long long most);
  // NAME=VALUE of each member of an object with at most k_max_variables texts; empty where the
  // key is absent.
  [[nodiscard]] std::vector<std::string> variables(std::string_view key);
  // The members of a list of 1 to `most` texts; empty where the key is absent.
  [[nodiscard]] std::vector<std::string>
  texts(std::string_view key, std::size_t most, std::size_t limit);
  // Null where the key is absent or is no object or array.
  [[nodiscard]] const nlohmann::json* object(std::string_view key);
  [[nodiscard]] const nlohmann::json* array(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string place_of(std::string_view key) const;

  void complain(std::string_view key, std::string_view what);
  void adopt(const Result<>& other);
  [[nodiscard]] Result<> verdict() const;

private:
  [[nodiscard]] const nlohmann::json* find(std::string_view key) const;

  const nlohmann::json& object_;
  std::string place_;
  std::optional<std::string> complaint_;
};

} // namespace purser
