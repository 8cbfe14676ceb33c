#include "cli/login_secret.hpp"

#include "cli/passphrase.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <string_view>

namespace purser::cli {
namespace {

void drop_line_end(WipingBuffer& text)
{
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
}

} // namespace

Result<WipingBuffer> read_login_secret()
{
  WipingBuffer text;
  text.reserve(k_max_login_secret + 2);
  for (char c = 0; text.size() <= k_max_login_secret + 2;) {
    const auto got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(Errc::bad_request, "standard input cannot be read");
    if (got == 0) break;
    text.push_back(c);
  }
  drop_line_end(text);
  if (text.empty())
    return Error(Errc::bad_request, "there is no password on standard input; nothing was stored");
  if (text.size() > k_max_login_secret)
    return Error(Errc::bad_request, "the password is longer than 64 KiB; nothing was stored");
  return text;
}

Result<WipingBuffer> ask_login_secret(const std::string& prompt)
{
  auto typed = ask_hidden(prompt);
  if (typed) return typed;
  return Error(Errc::bad_request,
               "no password was typed; from a script: purser login ... --password-stdin");
}

Result<std::string> ask_username()
{
  std::string name;
  if (::isatty(STDIN_FILENO) == 1) {
    std::cerr << "Username: " << std::flush;
    std::getline(std::cin, name);
  }
  if (name.empty()) return Error(Errc::bad_request, "no user name was given; name one: -u USER");
  return name;
}

} // namespace purser::cli
