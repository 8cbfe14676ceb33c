#include "daemon/providers/sealed_egress.hpp"

#include "daemon/providers/sealed_fields.hpp"

namespace purser {
namespace {

constexpr std::string_view k_context = "egress";

} // namespace

FieldList& add_egress(FieldList& fields, const Egress& egress)
{
  return fields.add(egress.https_proxy)
      .add(egress.http_proxy)
      .add(egress.no_proxy)
      .add(egress.ca_file)
      .add(egress.ca_dir);
}

std::string seal_egress(const SealingKey& key, const Egress& egress)
{
  FieldList fields;
  return key.seal(add_egress(fields, egress).text(), k_context);
}

Result<Egress> open_egress(const SealingKey& key, std::string_view sealed)
{
  const auto fields = SealedFields::open(key, sealed, k_context, 5);
  if (!fields) return fields.error();
  Egress egress;
  egress.https_proxy = fields->at(0);
  egress.http_proxy = fields->at(1);
  egress.no_proxy = fields->at(2);
  egress.ca_file = fields->at(3);
  egress.ca_dir = fields->at(4);
  return egress;
}

} // namespace purser
