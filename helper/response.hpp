#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace purser::helper {

// The daemon's response, as it arrives. A pure parser: it is told what came.
//
// HTTP/1.1 as docs/protocol.md narrows it: one Content-Length, no chunks. What
// follows the body is ignored.
class Response {
public:
  enum class State { incomplete, complete, garbled, too_large };

  // `space` holds the head and the body, and is not cleared.
  explicit Response(std::span<char> space) : space_(space) {}

  // Where the next bytes belong. Never empty while the response is incomplete.
  [[nodiscard]] std::span<char> free_space() const { return space_.subspan(size_); }

  // `count` bytes were put there.
  [[nodiscard]] State received(std::size_t count);

  // Forgets everything, for another attempt.
  void clear() { *this = Response(space_); }

  // Only of a complete response.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool for_standard_error() const { return for_standard_error_; }
  [[nodiscard]] std::string_view body() const { return {space_.data() + head_size_, *body_size_}; }

private:
  [[nodiscard]] bool parse_head(std::string_view head);
  [[nodiscard]] bool parse_status(std::string_view line);
  [[nodiscard]] bool parse_field(std::string_view line);

  std::span<char> space_;
  std::size_t size_ = 0;
  std::size_t head_size_ = 0; // 0 until it is complete
  std::optional<std::size_t> body_size_;
  int status_ = 0;
  bool for_standard_error_ = false;
};

} // namespace purser::helper
