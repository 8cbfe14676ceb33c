#include "cli/import.hpp"

#include "cli/import/consent.hpp"
#include "cli/import/import_plan.hpp"
#include "cli/import/import_report.hpp"
#include "cli/import/import_tools.hpp"
#include "cli/import/import_undo.hpp"
#include "cli/import/importer.hpp"
#include "cli/import/sources.hpp"
#include "cli/printable.hpp"
#include "cli/report.hpp"
#include "cli/woken_daemon.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace purser::cli {
namespace {

Result<Sources> find_sources(const ImportWords& words, const std::string& own_helper)
{
  if (!words.from_helper.empty())
    return read_helper(words.from_helper, setup::environment_variable);
  const auto readers = readers_of(setup::environment_variable, own_helper);
  if (words.files.empty())
    return read_files(auth_places(setup::environment_variable), /*named=*/false, readers);
  std::vector<AuthPlace> places;
  for (const auto& file : words.files)
    places.push_back({std::filesystem::absolute(file), reader_of(file)});
  return read_files(places, /*named=*/true, readers);
}

constexpr const char* k_nobody = "nothing was done: nobody is here to ask; say --yes";

// Where a step was not taken.
ExitCode not_done(Answer answer, std::ostream& err)
{
  if (answer != Answer::nobody_to_ask) return ExitCode::success;
  err << "purser: " << k_nobody << '\n';
  return ExitCode::failure;
}

PlainText plain_text_of(const ImportWords& words)
{
  if (words.keep_plain_text) return PlainText::keep;
  return words.remove_plain_text ? PlainText::remove : PlainText::where_asked;
}

ImportOutcome carry_out(const std::vector<PlannedEntry>& plan,
                        PlainText plain,
                        Sources& sources,
                        ImportTools tools)
{
  ImportOutcome outcome;
  outcome.dry_run = false;
  Importer importer(std::move(tools.helper), std::move(tools.stored), std::move(tools.records));
  if (const auto done = importer.store(plan); !done) outcome.troubles.push_back(done.error().what);
  for (auto& source : sources.files) {
    const auto cleaned = importer.clean(source, plan, plain);
    if (cleaned)
      outcome.cleaned.push_back(*cleaned);
    else
      outcome.troubles.push_back(cleaned.error().what);
  }
  for (const auto& entry : plan)
    outcome.verified.push_back(importer.verified(entry));
  outcome.stored = importer.stored();
  return outcome;
}

ExitCode conclude(const ImportWords& words,
                  const std::vector<PlannedEntry>& plan,
                  const ImportOutcome& outcome,
                  std::ostream& out,
                  std::ostream& err)
{
  const auto plain = plain_text_of(words);
  if (words.json)
    out << json_report(plan, outcome, plain)
               .dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace)
        << '\n';
  else
    print_outcome(plan, outcome, plain, out);
  for (const auto& trouble : outcome.troubles)
    if (!words.json) err << "purser: " << printable(trouble) << '\n';
  const bool meant = words.yes || !outcome.dry_run;
  const bool settled = !meant || count(plan, Fate::conflict) == 0;
  return outcome.troubles.empty() && settled ? ExitCode::success : ExitCode::failure;
}

ExitCode
import_found(const ImportWords& words, ImportTools tools, std::ostream& out, std::ostream& err)
{
  auto sources = find_sources(words, tools.helper.path());
  if (!sources) return report(sources.error(), err);
  const auto standings = tools.look_up(sources->entries);
  if (!standings) return report(with_reason(standings.error()), err);
  const auto plan = plan_import(std::move(sources->entries), *standings, words.overwrite);
  const auto plain = plain_text_of(words);
  if (!words.json) print_plan(plan, plain, out);

  ImportOutcome outcome;
  const auto answer = has_work(plan, plain) ? ask_consent(words, out) : Answer::leave_it;
  if (answer == Answer::do_it) outcome = carry_out(plan, plain, *sources, std::move(tools));
  if (answer == Answer::nobody_to_ask) outcome.troubles.emplace_back(k_nobody);
  outcome.troubles.insert(outcome.troubles.begin(), sources->troubles.begin(),
                          sources->troubles.end());
  return conclude(words, plan, outcome, out, err);
}

void print_lines(const std::vector<std::string>& lines, std::ostream& out)
{
  for (const auto& line : lines)
    out << line << '\n';
}

ExitCode
undo_imports(const ImportWords& words, ImportTools tools, std::ostream& out, std::ostream& err)
{
  ImportUndo undo(std::move(tools.helper), std::move(tools.stored), std::move(tools.records));
  std::vector<std::string> lines;
  const auto shown = undo.run(/*dry_run=*/true, lines);
  if (!shown) return report(with_reason(shown.error()), err);
  if (lines.empty()) {
    out << "there is no import to undo\n";
    return ExitCode::success;
  }
  if (!words.yes) {
    out << "this would be undone, the latest first:\n";
    print_lines(lines, out);
  }
  const auto answer = ask_consent(words, out);
  if (answer != Answer::do_it) return not_done(answer, err);
  lines.clear();
  const auto done = undo.run(/*dry_run=*/false, lines);
  print_lines(lines, out);
  return done ? ExitCode::success : report(done.error(), err);
}

// What is kept for an undo is plain text for who has the key: it need not stay for ever.
ExitCode forget_imports(const ImportWords& words,
                        const ImportTools& tools,
                        std::ostream& out,
                        std::ostream& err)
{
  const auto names = tools.records.names();
  if (!names) return report(with_reason(names.error()), err);
  out << names->size() << " steps of imports are kept; forgotten, they cannot be undone\n";
  const auto answer = names->empty() ? Answer::leave_it : ask_consent(words, out);
  if (answer != Answer::do_it) return not_done(answer, err);
  for (const auto& name : *names)
    if (const auto gone = tools.records.forget(name); !gone) return report(gone.error(), err);
  return ExitCode::success;
}

} // namespace

ExitCode import_credentials(const ImportWords& words, std::ostream& out, std::ostream& err)
{
  hide_secrets();
  auto tools = ImportTools::find();
  if (!tools) return report(tools.error(), err);
  if (words.undo) return undo_imports(words, std::move(*tools), out, err);
  if (words.forget) return forget_imports(words, *tools, out, err);
  return import_found(words, std::move(*tools), out, err);
}

void add_import(CLI::App& app, Chosen& chosen)
{
  auto words = std::make_shared<ImportWords>();
  auto* command = app.add_subcommand("import", "Takes what clients keep in plain text into purser");
  auto* files =
      command->add_option("FILE", words->files, "Instead of the files in which clients look");
  auto* helper =
      command->add_option("--from-helper", words->from_helper, "From docker-credential-NAME")
          ->option_text("NAME");
  auto* dry_run = command->add_flag("--dry-run,-n", words->dry_run, "Show it and do nothing");
  auto* yes = command->add_flag("--yes,-y", words->yes, "Do not ask");
  auto* overwrite = command->add_flag("--overwrite", words->overwrite,
                                      "Replace what is stored for the same registry");
  auto* keep = command->add_flag("--keep-plain-text", words->keep_plain_text, "Change no file");
  auto* remove = command->add_flag("--remove-plain-text", words->remove_plain_text,
                                   "Also where the file's clients do not ask purser yet");
  auto* undo = command->add_flag("--undo", words->undo, "Put everything back as it was");
  auto* forget = command->add_flag("--forget", words->forget, "Drop what is kept for --undo");
  auto* json = command->add_flag("--json", words->json, "For scripts; asks nothing");
  files->excludes(helper);
  keep->excludes(remove);
  dry_run->excludes(yes);
  undo->excludes(forget);
  for (auto* back : {undo, forget})
    for (auto* other : {files, helper, overwrite, keep, remove, json})
      back->excludes(other);
  command->callback([words, &chosen] {
    chosen = [words] { return import_credentials(*words, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
