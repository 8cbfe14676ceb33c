#include "cli/rotate_key.hpp"

#include "cli/fields.hpp"
#include "cli/lock.hpp"
#include "cli/passphrase.hpp"
#include "cli/report.hpp"

#include <iostream>
#include <memory>

namespace purser::cli {

ExitCode rotate_key(int passphrase_descriptor, std::ostream& out, std::ostream& err)
{
  const auto answer = post_with_passphrase("/v1/rotate-key", passphrase_descriptor,
                                           "Passphrase for purser's key: ", false);
  if (!answer) return report(answer.error(), err);
  if (text_field(*answer, "outcome") != "rotated") return report(not_understood(), err);
  out << "there is a new key in " << text_field(*answer, "place")
      << "; sealed anew: " << text_field(*answer, "records") << '\n';
  return ExitCode::success;
}

void add_rotate_key(CLI::App& store, Chosen& chosen)
{
  auto descriptor = std::make_shared<int>(-1);
  auto* command = store.add_subcommand("rotate-key", "Makes a new key and seals all anew");
  command->add_option("--passphrase-fd", *descriptor, "Read the passphrase from this descriptor")
      ->check(descriptor_number());
  command->callback([descriptor, &chosen] {
    chosen = [descriptor] { return rotate_key(*descriptor, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
