#include "daemon/registry/server_words.hpp"

#include "common/ascii.hpp"
#include "daemon/formats/wiped_json.hpp"

#include <algorithm>
#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_max_words = 512;
constexpr std::size_t k_max_errors = 3; // of a list
constexpr std::string_view k_redacted = "[redacted]";

void add(std::string& words, std::string_view separator, std::string_view text)
{
  if (text.empty()) return;
  if (!words.empty()) words += separator;
  words += text;
}

std::string_view text_in(const nlohmann::json& object, const char* name)
{
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

// `{"errors":[{"code":"DENIED","message":"..."}]}`
std::string words_of_list(const nlohmann::json& body)
{
  std::string words;
  const auto list = body.find("errors");
  if (list == body.end() || !list->is_array()) return words;
  for (std::size_t i = 0; i < std::min(list->size(), k_max_errors); ++i) {
    std::string one(text_in((*list)[i], "code"));
    add(one, ": ", text_in((*list)[i], "message"));
    add(words, "; ", one);
  }
  return words;
}

std::string words_of_object(const nlohmann::json& body)
{
  auto words = words_of_list(body);
  if (!words.empty()) return words;
  words = text_in(body, "error");
  add(words, ": ", text_in(body, "error_description"));
  for (const char* name : {"details", "detail", "message"}) {
    if (words.empty()) words = text_in(body, name);
  }
  return words;
}

void replace_all(std::string& text, std::string_view secret)
{
  if (secret.empty()) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
    text.replace(at, secret.size(), k_redacted);
    at += k_redacted.size();
  }
}

// One line: runs of blanks and line ends become a space, other bytes a question mark.
std::string printable(std::string_view text)
{
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (blank)
      line += ' ';
    else
      line += c > ' ' && c < '\x7f' ? c : '?';
  }
  return std::string(trimmed(line));
}

bool is_code_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("+/=_-").find(c) != std::string_view::npos;
}

// Names of repositories and hosts have no capitals, sentences have blanks, and neither has forty
// characters in a row without any of that.
bool looks_secret(std::string_view run)
{
  const auto any = [run](char from, char to) {
    return std::any_of(run.begin(), run.end(), [=](char c) { return c >= from && c <= to; });
  };
  const bool digits = any('0', '9');
  if (run.size() >= 16 && digits && any('A', 'Z') && any('a', 'z')) return true;
  if (run.size() >= 32 && digits && run.find('/') == std::string_view::npos) return true;
  return run.size() >= 40 && any('A', 'Z') && any('a', 'z');
}

std::string redacted(std::string_view line)
{
  std::string result;
  while (!line.empty()) {
    const auto* const end = std::find_if_not(line.begin(), line.end(), is_code_character);
    const auto run = line.substr(0, static_cast<std::size_t>(end - line.begin()));
    result += looks_secret(run) ? k_redacted : run;
    line.remove_prefix(run.size());
    if (line.empty()) break;
    result += line.front();
    line.remove_prefix(1);
  }
  return result;
}

} // namespace

std::string server_words(std::string_view body, const std::vector<std::string_view>& secrets)
{
  WipedJson json(body);
  std::string words;
  if (json.is_object())
    words = words_of_object(json.json());
  else if (!trimmed(body).starts_with('<'))
    words = body;
  for (const auto secret : secrets)
    replace_all(words, secret);
  words = redacted(printable(words));
  if (words.size() > k_max_words) words.resize(k_max_words);
  return words;
}

} // namespace purser
