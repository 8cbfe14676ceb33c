#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Where one member of an object stands: offsets into the text, ends exclusive.
struct JsonMember {
  std::string key; // decoded
  std::size_t key_begin = 0;
  std::size_t key_end = 0;
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

struct JsonObject {
  std::size_t open = 0;  // of `{`
  std::size_t close = 0; // of `}`
  std::vector<JsonMember> members;

  // Null where there is none.
  [[nodiscard]] const JsonMember* find(std::string_view key) const;
};

// The object whose `{` is at `open`. The text must be valid JSON (a byte order mark before it
// is fine): nothing is checked again.
[[nodiscard]] JsonObject json_object_at(std::string_view text, std::size_t open);

// The end of the value, or of the member's name, that begins at `at`.
[[nodiscard]] std::size_t json_value_end(std::string_view text, std::size_t at);

// The first byte from `at` on that is no white space; the size where there is none.
[[nodiscard]] std::size_t skip_json_space(std::string_view text, std::size_t at);

} // namespace purser::cli
