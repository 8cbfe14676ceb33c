#include "cli/edit/text_splice.hpp"

namespace purser::cli {

std::string spliced(std::string_view text, const TextSplice& splice)
{
  std::string result(text.substr(0, splice.at));
  result += splice.inserted;
  result += text.substr(splice.at + splice.removed.size());
  return result;
}

std::optional<std::string> unspliced(std::string_view text, const std::vector<TextSplice>& splices)
{
  std::string result(text);
  for (auto splice = splices.rbegin(); splice != splices.rend(); ++splice) {
    const auto& inserted = splice->inserted;
    if (splice->at > result.size() || result.compare(splice->at, inserted.size(), inserted) != 0)
      return std::nullopt;
    result.replace(splice->at, inserted.size(), splice->removed);
  }
  return result;
}

} // namespace purser::cli
