#include "cli/audit.hpp"

#include "cli/audit_text.hpp"
#include "cli/followed.hpp"
#include "cli/lines_option.hpp"
#include "cli/report.hpp"
#include "cli/terminal/colour_option.hpp"
#include "common/registry_key.hpp"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <utility>
#include <vector>

namespace purser::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* k_path = "/v1/audit";
constexpr const char* k_list = "events";
constexpr std::size_t k_before_following = 10;

// Of the list, those that are asked for.
std::vector<Json> wanted(std::vector<Json> events, const AuditForm& form)
{
  if (!form.registry.empty())
    std::erase_if(events, [&form](const Json& event) { return !is_about(event, form.registry); });
  if (form.lines && events.size() > *form.lines)
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(*form.lines));
  return events;
}

// A line of JSON each, as scripts read it.
void print_json_line(const Json& json, std::ostream& out)
{
  out << json.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

void print_notice(const std::string& text, const Look& look, std::ostream& out)
{
  print_lines({{Piece("-- " + text, Ink::warning)}}, look, out);
}

void print_gaps(const News& news, bool json, const Look& look, std::ostream& out)
{
  if (json) {
    if (news.restarted) print_json_line({{"notice", "restarted"}}, out);
    if (news.lost != 0) print_json_line({{"notice", "lost"}, {"count", news.lost}}, out);
    return;
  }
  if (news.restarted)
    print_notice("another daemon answers now; the last requests to the one before may be missing",
                 look, out);
  if (news.lost != 0)
    print_notice(std::to_string(news.lost) + " requests before these are not kept any more", look,
                 out);
}

ExitCode follow_audit(AuditForm form, const Look& look, std::ostream& out, std::ostream& err)
{
  Followed events(k_path, k_list);
  if (!form.lines) form.lines = k_before_following;
  const auto show = [&form, &look, &out](const News& news) {
    print_gaps(news, form.json, look, out);
    for (const Json& event : wanted(news.items, form))
      if (form.json)
        print_json_line(event, out);
      else
        print_lines(event_lines(event, look), look, out);
    form.lines.reset(); // of what was there before
    return static_cast<bool>(out.flush());
  };
  return follow(events, show, err);
}

} // namespace

ExitCode show_audit(const AuditForm& form, const Look& look, std::ostream& out, std::ostream& err)
{
  if (!form.registry.empty() && !names_registry(form.registry, err)) return ExitCode::usage;
  AuditForm named = form;
  if (!form.registry.empty()) named.registry = RegistryKey::parse(form.registry)->text();
  if (form.follow) return follow_audit(std::move(named), look, out, err);
  auto audit = ask(k_path);
  if (!audit) return report(audit.error(), err);
  if (named.lines || !named.registry.empty()) {
    const auto found = audit->find(k_list);
    if (found != audit->end() && found->is_array())
      *found = wanted(found->get<std::vector<Json>>(), named);
  }
  if (form.json)
    out << audit->dump(2) << '\n';
  else
    print_audit(*audit, look, out);
  return ExitCode::success;
}

void add_audit(CLI::App& app, Chosen& chosen)
{
  struct Words {
    AuditForm form;
    std::string colour;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("audit", "Who asked for what, oldest first");
  command->add_flag("--json", words->form.json,
                    "The daemon's answer as it is; with --follow a line each request");
  command->add_flag("--follow,-f", words->form.follow, "Goes on with what is asked from now on");
  command->add_option("--lines,-n", words->form.lines, "Only the last COUNT of those before")
      ->check(lines_number())
      ->type_name("COUNT");
  command->add_option("--registry", words->form.registry, "Only for HOST[:PORT][/REPOSITORY]")
      ->type_name("REGISTRY");
  add_colour_option(*command, words->colour);
  command->callback([words, &chosen] {
    refuse_no_lines(words->form.lines, words->form.follow);
    chosen = [words] {
      const Look look = look_at(STDOUT_FILENO, colour_wish(words->colour));
      return show_audit(words->form, look, std::cout, std::cerr);
    };
  });
}

} // namespace purser::cli
