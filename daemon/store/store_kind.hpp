#pragma once

#include <cstdint>
#include <string_view>

namespace purser {

// Where stored credentials lie; the names are those of the configuration (store.kind).
enum class StoreKind : std::uint8_t { file, secret_service };

[[nodiscard]] constexpr std::string_view to_string(StoreKind kind)
{
  return kind == StoreKind::file ? "file" : "secret-service";
}

[[nodiscard]] constexpr StoreKind other_than(StoreKind kind)
{
  return kind == StoreKind::file ? StoreKind::secret_service : StoreKind::file;
}

} // namespace purser
