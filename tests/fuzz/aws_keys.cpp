// Arbitrary bytes as what sources of keys give: a program's output, and its command; tokens and
// answers about them. What is read from a text is a part of it, and errors quote nothing.
#include "daemon/programs/command_words.hpp"
#include "daemon/programs/program.hpp"
#include "daemon/providers/aws/keys/job_messages.hpp"
#include "daemon/providers/aws/keys/jwt.hpp"
#include "daemon/providers/aws/keys/login_messages.hpp"
#include "daemon/providers/aws/keys/process_issuer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool fact)
{
  if (!fact) std::abort();
}

// Errors are sentences of ours, whatever came.
template <class T>
void require_plain(const purser::Result<T>& outcome)
{
  if (outcome) return;
  for (const char c : outcome.error().what)
    require(c >= ' ' && c < '\x7f');
}

void split(std::string_view text)
{
  const auto words = purser::split_command(text);
  require_plain(words);
  if (!words) return;
  std::size_t size = 0;
  for (const auto& word : *words)
    size += word.reveal().size();
  require(!words->empty() && size <= text.size());
  if (text.find('\0') != std::string_view::npos) return;
  const purser::Program program(*words, {});
  purser::ProgramParts parts;
  require(purser::take_apart(program.text().reveal(), parts));
  require(parts.words.size() == words->size() && parts.environment.empty());
  for (std::size_t i = 0; i < parts.words.size(); ++i)
    require(parts.words[i] == words->at(i).reveal());
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  using namespace purser;
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  split(text);
  ProgramParts parts;
  if (take_apart(text, parts)) require(!parts.words.empty());
  require_plain(aws::parse_process_keys(text));
  require_plain(aws::parse_job_token(text));
  require_plain(aws::parse_login_token(text, WallTime{}));
  (void)aws::login_refusal(text);
  (void)aws::end_of(text);
  require(!aws::subject_of(text).empty());
  (void)aws::is_jwt(text);
  return 0;
}
