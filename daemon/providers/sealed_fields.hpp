#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// The fields of a FieldList that was sealed.
class SealedFields {
public:
  // The errors of SealingKey::open(); internal where they are not `count` fields.
  [[nodiscard]] static Result<SealedFields>
  open(const SealingKey& key, std::string_view sealed, std::string_view context, std::size_t count);

  [[nodiscard]] std::string_view at(std::size_t index) const { return fields_.at(index); }

private:
  explicit SealedFields(Secret text) : text_(std::move(text)) {}
  bool split();

  Secret text_;
  std::vector<std::string_view> fields_; // into text_
};

} // namespace purser
