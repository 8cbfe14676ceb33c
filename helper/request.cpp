#include "helper/request.hpp"

#include "common/protocol.hpp"
#include "helper/line.hpp"

#include <algorithm>

namespace purser::helper {
namespace {

// What is kept back of the time that we announce: an answer in the last moment has
// to travel and to be written.
constexpr int k_kept_back = 50; // a fiftieth

iovec part(std::string_view text)
{
  return {const_cast<char*>(text.data()), text.size()}; // sendmsg() only reads it
}

} // namespace

std::array<iovec, 3> Request::parts(int milliseconds_left)
{
  const int announced = std::max(1, milliseconds_left - milliseconds_left / k_kept_back);
  Line head;
  head << "POST " << path_of(front_end_) << to_string(verb_) << " HTTP/1.1\r\n"
       << "Host: purser\r\n"
       << protocol::k_version_header << ": " << protocol::k_version << "\r\n"
       << protocol::k_deadline_header << ": " << announced << "\r\n"
       << "Connection: close\r\n"
       << "Content-Length: " << static_cast<int>(entries_.size() + input_.size()) << "\r\n\r\n";
  const std::string_view text = head.text();
  std::copy(text.begin(), text.end(), head_.begin());
  return {part({head_.data(), text.size()}), part(entries_), part(input_)};
}

} // namespace purser::helper
