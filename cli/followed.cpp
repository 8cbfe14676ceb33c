#include "cli/followed.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstddef>

namespace purser::cli {
namespace {

constexpr int k_pause_milliseconds = 500;
constexpr std::size_t k_max_run = 64;

std::uint64_t number_field(const nlohmann::json& object, const char* key)
{
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// It becomes a part of what is asked next.
bool is_run_name(const std::string& text)
{
  return !text.empty() && text.size() <= k_max_run &&
         text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

// False where nobody reads any more.
bool pause()
{
  pollfd output{STDOUT_FILENO, 0, 0};
  return ::poll(&output, 1, k_pause_milliseconds) == 0 ||
         (output.revents & (POLLERR | POLLHUP)) == 0;
}

} // namespace

Result<News> Followed::look()
{
  std::string target = path_;
  if (!run_.empty()) target += "?run=" + run_ + "&after=" + std::to_string(last_);
  const auto answer = ask(target);
  if (!answer) return answer.error();
  const auto run = text_field(*answer, "run", "");
  if (!is_run_name(run))
    return Error(Errc::protocol_error,
                 "the daemon is older than this program and cannot be followed; stop it, the next "
                 "request starts the new one");
  News news;
  news.restarted = !run_.empty() && run != run_;
  if (news.restarted) last_ = 0;
  for (auto& item : list_field(*answer, name_))
    news.items.push_back(std::move(item));
  const bool knows_before = !run_.empty();
  if (knows_before && !news.items.empty()) {
    const std::uint64_t first = number_field(news.items.front(), "number");
    if (first > last_ + 1) news.lost = first - last_ - 1;
  }
  run_ = run;
  last_ = number_field(*answer, "last");
  return news;
}

ExitCode follow(Followed& list, const std::function<bool(const News&)>& show, std::ostream& err)
{
  bool answered = false; // at the last look
  for (bool first = true;; first = false) {
    const auto news = list.look();
    if (!news && first) return report(news.error(), err);
    if (!news && answered)
      err << "purser: " << news.error().what << "; it is waited for" << std::endl;
    answered = news.has_value();
    if (news && !show(*news)) return ExitCode::failure;
    if (!pause()) return ExitCode::success;
  }
}

} // namespace purser::cli
