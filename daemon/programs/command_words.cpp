#include "daemon/programs/command_words.hpp"

#include "common/wiping.hpp"

#include <string>

namespace purser {
namespace {

constexpr std::string_view k_blanks = " \t\r\n";

class Splitter {
public:
  explicit Splitter(std::string_view command) : rest_(command) {}

  Result<std::vector<Secret>> split()
  {
    while (!rest_.empty())
      if (const auto taken = take(); !taken) return taken.error();
    end_word();
    if (words_.empty()) return wrong("names no program");
    return std::move(words_);
  }

private:
  static Error wrong(std::string_view why) { return Error{Errc::misconfigured, std::string(why)}; }

  char next()
  {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void add(char c) { word_.push_back(c); }

  void end_word()
  {
    if (in_word_) words_.emplace_back(std::string_view(word_.data(), word_.size()));
    word_.clear();
    in_word_ = false;
  }

  Result<> take()
  {
    const char c = next();
    if (k_blanks.find(c) != std::string_view::npos) {
      end_word();
      return {};
    }
    in_word_ = true;
    if (c == '\'' || c == '"') return quoted(c);
    if (c != '\\') {
      add(c);
      return {};
    }
    if (rest_.empty()) return wrong("ends with a backslash");
    add(next());
    return {};
  }

  Result<> quoted(char mark)
  {
    while (!rest_.empty()) {
      const char c = next();
      if (c == mark) return {};
      const bool escapes = mark == '"' && c == '\\' && !rest_.empty() &&
                           (rest_.front() == '"' || rest_.front() == '\\');
      add(escapes ? next() : c);
    }
    return wrong("has a quotation mark without its partner");
  }

  std::string_view rest_;
  std::vector<Secret> words_;
  WipingBuffer word_;
  bool in_word_ = false;
};

} // namespace

Result<std::vector<Secret>> split_command(std::string_view command)
{
  return Splitter(command).split();
}

} // namespace purser
