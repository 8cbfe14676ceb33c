#pragma once

#include <nlohmann/json.hpp>

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace purser::cli::setup {

enum class FileState {
  unchanged,       // purser is asked already
  would_change,    // with --dry-run
  changed,         // by setup
  declined,        // by the person
  restored,        // by undo: as it was, byte for byte
  partly_restored, // by undo: edited since, and only our own entries were taken back
  removed,         // by undo: we had made it
  nothing_left,    // for undo: nothing of ours is in it any more
  by_hand,         // a person has to do something; counts as a failure
  failed,
};

// As --json says it.
[[nodiscard]] std::string to_string(FileState state);

// What became of one file.
struct FileOutcome {
  std::string client;
  std::string path;
  FileState state = FileState::failed;
  std::string what; // one line: why it failed, or what to do; else empty
  std::vector<std::string> notes;
};

// How setup and the person at the terminal talk.
struct SetupForm {
  bool dry_run = false;
  bool yes = false;
  bool undo = false;
  bool json = false;
};

// Shows changes and asks about them; keeps what became of each file.
class Dialogue {
public:
  enum class Answer { do_it, leave_it, only_shown, nobody_to_ask };

  Dialogue(SetupForm form, std::istream* in, std::ostream& out, std::ostream& err)
    : form_(form), in_(in), out_(out), err_(err)
  {
  }

  // Shows the diff. Asks where a person is there to answer: `in` is null where nobody is.
  [[nodiscard]] Answer ask(const std::string& client, const std::string& diff);
  void tell(FileOutcome outcome);
  void say(const std::string& what); // to people only
  void warn(const std::string& what);
  // For --json: all that was told. Also whether something failed.
  void finish();
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const SetupForm& form() const { return form_; }

private:
  SetupForm form_;
  std::istream* in_;
  std::ostream& out_;
  std::ostream& err_;
  nlohmann::json told_ = nlohmann::json::array();
  nlohmann::json warnings_ = nlohmann::json::array();
  bool failed_ = false;
};

} // namespace purser::cli::setup
