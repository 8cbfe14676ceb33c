#include "common/ascii.hpp"
#include "common/wiping.hpp"
#include "daemon/server/docker_messages.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace purser::docker {
namespace {

namespace json = boost::json;

constexpr std::size_t k_max_depth = 16;

bool is_ascii(std::string_view text)
{
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Receives the pieces of the document as the parser meets them, and puts the three
// strings straight where they belong: no tree, no copies of the secret.
struct Receiver {
  static constexpr std::size_t max_object_size = 1000;
  static constexpr std::size_t max_array_size = 1000;
  static constexpr std::size_t max_key_size = std::size_t{1} << 20;
  static constexpr std::size_t max_string_size = std::size_t{1} << 20;

  using Code = json::error_code;
  using Text = json::string_view;

  StoreMessage message;
  std::array<bool, 3> seen{};
  WipingBuffer key;
  WipingBuffer* value = nullptr; // where the string that comes next goes
  std::size_t depth = 0;

  // A member of the object itself, not of one inside it, and not the object.
  [[nodiscard]] bool expects_string() const { return depth == 1 && value != nullptr; }
  static bool refuse(Code& ec)
  {
    ec = json::error::syntax;
    return false;
  }
  bool other(Code& ec) { return expects_string() || depth == 0 ? refuse(ec) : true; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& ec)
  {
    if (expects_string()) return refuse(ec);
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, Code&)
  {
    --depth;
    return true;
  }
  bool on_array_begin(Code& ec)
  {
    if (depth == 0 || expects_string()) return refuse(ec);
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, Code&)
  {
    --depth;
    return true;
  }
  bool on_key_part(Text part, std::size_t, Code&)
  {
    key.insert(key.end(), part.begin(), part.end());
    return true;
  }
  bool on_key(Text part, std::size_t, Code& ec)
  {
    key.insert(key.end(), part.begin(), part.end());
    const bool fits = depth != 1 || choose();
    key.clear();
    return fits || refuse(ec);
  }
  bool on_string_part(Text part, std::size_t, Code& ec)
  {
    if (depth == 0) return refuse(ec);
    if (expects_string()) value->insert(value->end(), part.begin(), part.end());
    return true;
  }
  bool on_string(Text part, std::size_t size, Code& ec)
  {
    if (!on_string_part(part, size, ec)) return false;
    if (depth == 1) value = nullptr;
    return true;
  }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code& ec) { return other(ec); }
  bool on_uint64(std::uint64_t, Text, Code& ec) { return other(ec); }
  bool on_double(double, Text, Code& ec) { return other(ec); }
  bool on_bool(bool, Code& ec) { return other(ec); }
  bool on_null(Code& ec) { return other(ec); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  // Makes ready for the value of the member `key`. False where it came before, or may have: other
  // readers of docker's messages fold more than ASCII (Go takes U+017F for an s), and must not see
  // another registry or secret in one than we do.
  bool choose()
  {
    if (!is_ascii({key.data(), key.size()})) return false;
    const std::array<std::pair<std::string_view, WipingBuffer*>, 3> members{
        std::pair{std::string_view("ServerURL"), &message.server_url},
        std::pair{std::string_view("Username"), &message.username},
        std::pair{std::string_view("Secret"), &message.secret}};
    value = nullptr;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!equal_ignoring_case(members[i].first, {key.data(), key.size()})) continue;
      value = members[i].second;
      return !std::exchange(seen[i], true);
    }
    return true;
  }
};

} // namespace

Result<StoreMessage> parse_store_message(std::string_view text)
{
  json::parse_options options;
  options.max_depth = k_max_depth;
  json::basic_parser<Receiver> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || !parser.done() || !trimmed(text.substr(used)).empty())
    return Error{
        Errc::bad_request,
        "standard input is not one JSON object with the strings ServerURL, Username and Secret"};
  return std::move(parser.handler().message);
}

} // namespace purser::docker
