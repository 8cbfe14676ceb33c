#include "cli/import/consent.hpp"

#include <unistd.h>

#include <iostream>
#include <string>

namespace purser::cli {
namespace {

bool asks()
{
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

bool agreed(std::ostream& out)
{
  out << "Do this? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

} // namespace

Answer ask_consent(const ImportWords& words, std::ostream& out)
{
  if (words.dry_run) return Answer::leave_it;
  if (words.yes) return Answer::do_it;
  if (words.json || !asks()) return Answer::nobody_to_ask;
  return agreed(out) ? Answer::do_it : Answer::leave_it;
}

} // namespace purser::cli
