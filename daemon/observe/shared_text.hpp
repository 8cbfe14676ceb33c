#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace purser {

// A text that many remember and that lies in memory once.
class SharedText {
public:
  SharedText() = default;
  explicit SharedText(std::string_view text) : text_(std::make_shared<const std::string>(text)) {}

  [[nodiscard]] std::string_view view() const
  {
    return text_ ? std::string_view(*text_) : std::string_view();
  }
  [[nodiscard]] bool empty() const { return view().empty(); }

private:
  std::shared_ptr<const std::string> text_; // null: empty
};

} // namespace purser
