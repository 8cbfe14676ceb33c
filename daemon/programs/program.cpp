#include "daemon/programs/program.hpp"

#include "common/wiping.hpp"

#include <charconv>

namespace purser {
namespace {

void add(WipingBuffer& text, std::string_view entry)
{
  append(text, entry);
  text.push_back('\0');
}

} // namespace

Program::Program(const std::vector<Secret>& words, const std::vector<std::string>& environment)
{
  WipingBuffer text;
  add(text, std::to_string(words.size()));
  for (const auto& word : words)
    add(text, word.reveal());
  for (const auto& entry : environment)
    add(text, entry);
  text_ = Secret({text.data(), text.size()});
}

bool take_apart(std::string_view text, ProgramParts& parts)
{
  if (!text.ends_with('\0')) return false;
  const auto next = [&text] {
    const auto end = text.find('\0');
    const auto entry = text.substr(0, end);
    text.remove_prefix(end + 1);
    return entry;
  };
  const auto number = next();
  std::size_t words = 0;
  const auto [stopped, bad] = std::from_chars(number.data(), number.data() + number.size(), words);
  if (bad != std::errc() || stopped != number.data() + number.size() || words == 0) return false;
  for (; words > 0 && !text.empty(); --words)
    parts.words.push_back(next());
  while (!text.empty())
    parts.environment.push_back(next());
  return words == 0;
}

} // namespace purser
