#include "daemon/tokens/token_question.hpp"

#include "common/docker_words.hpp"

namespace purser {

bool TokenQuestion::by_identity_token() const
{
  return username == docker_words::k_identity_token;
}

} // namespace purser
