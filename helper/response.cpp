#include "helper/response.hpp"

#include "common/ascii.hpp"
#include "common/protocol.hpp"

#include <algorithm>
#include <charconv>

namespace purser::helper {
namespace {

constexpr std::string_view k_line_end = "\r\n";
constexpr std::string_view k_head_end = "\r\n\r\n";

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// Digits only: from_chars() alone takes a sign.
template <class Number>
bool parse_number(std::string_view text, Number& number)
{
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

std::string_view without_space(std::string_view text)
{
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

// Takes one line off the front of `head`, each of whose lines has an end.
std::string_view take_line(std::string_view& head)
{
  const std::size_t size = std::min(head.find(k_line_end), head.size());
  const std::string_view line(head.data(), size);
  head.remove_prefix(std::min(size + k_line_end.size(), head.size()));
  return line;
}

} // namespace

Response::State Response::received(std::size_t count)
{
  const std::size_t seen = size_;
  size_ += count;
  const std::string_view all(space_.data(), size_);

  if (head_size_ == 0) {
    // The end of the head may have come in pieces.
    const std::size_t from = seen < k_head_end.size() ? 0 : seen - k_head_end.size() + 1;
    const std::size_t end = all.find(k_head_end, from);
    if (std::min(end, size_) > protocol::k_max_head) return State::garbled;
    if (end == all.npos) return State::incomplete;
    head_size_ = end + k_head_end.size();
    if (!parse_head({space_.data(), end + k_line_end.size()})) return State::garbled;
    if (*body_size_ > protocol::k_max_answer || *body_size_ > space_.size() - head_size_)
      return State::too_large;
  }
  return size_ >= head_size_ + *body_size_ ? State::complete : State::incomplete;
}

bool Response::parse_head(std::string_view head)
{
  if (!parse_status(take_line(head))) return false;
  while (!head.empty())
    if (!parse_field(take_line(head))) return false;
  return body_size_.has_value();
}

bool Response::parse_status(std::string_view line)
{
  constexpr std::string_view k_protocol = "HTTP/1.";
  constexpr std::size_t k_size = k_protocol.size() + 5; // "1 200"
  if (!line.starts_with(k_protocol) || line.size() < k_size) return false;
  if (!is_digit(line[k_protocol.size()]) || line[k_protocol.size() + 1] != ' ') return false;
  if (line.size() > k_size && line[k_size] != ' ') return false;
  return parse_number({line.data() + k_size - 3, 3}, status_) && status_ >= 200;
}

bool Response::parse_field(std::string_view line)
{
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return false;
  const std::string_view name(line.data(), colon);
  const std::string_view value = without_space({line.data() + colon + 1, line.size() - colon - 1});

  if (equal_ignoring_case(name, "Transfer-Encoding")) return false;
  if (equal_ignoring_case(name, protocol::k_stream_header)) for_standard_error_ = value == "stderr";
  if (equal_ignoring_case(name, "Content-Length")) {
    std::size_t size = 0;
    if (body_size_.has_value() || !parse_number(value, size)) return false;
    body_size_ = size;
  }
  return true;
}

} // namespace purser::helper
