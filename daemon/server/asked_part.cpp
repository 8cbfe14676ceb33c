#include "daemon/server/asked_part.hpp"

#include <algorithm>
#include <charconv>

namespace purser {
namespace {

constexpr std::size_t k_max_run = 64;

bool is_run_name(std::string_view text)
{
  return !text.empty() && text.size() <= k_max_run &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
         });
}

bool take(std::string_view name, std::string_view value, AskedPart& part)
{
  if (name == "run") {
    part.run = value;
    return is_run_name(value);
  }
  if (name != "after") return false;
  const auto* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, part.after);
  return read.ec == std::errc() && read.ptr == end;
}

} // namespace

bool is_at(std::string_view target, std::string_view path)
{
  return target.starts_with(path) && (target.size() == path.size() || target[path.size()] == '?');
}

Result<AskedPart> asked_part(std::string_view target, std::string_view path)
{
  AskedPart part;
  target.remove_prefix(std::min(target.size(), path.size() + 1));
  while (!target.empty()) {
    const auto piece = target.substr(0, target.find('&'));
    target.remove_prefix(std::min(target.size(), piece.size() + 1));
    const auto equals = std::min(piece.find('='), piece.size());
    const auto value = piece.substr(std::min(equals + 1, piece.size()));
    if (!take(piece.substr(0, equals), value, part))
      return Error(Errc::bad_request, "a list is asked for with ?run=NAME&after=NUMBER");
  }
  return part;
}

} // namespace purser
