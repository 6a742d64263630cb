#include "node/cli/filter_options.hpp"

#include <algorithm>

namespace socai::node::cli {

void FilterOptions::add_to(CLI::App& verb) {
    const auto add = [&](const std::string& name, const char* type_name, const char* help) {
        Field& field = fields_.emplace_back(Field{name, ""});
        std::string flag = "--" + name;
        std::replace(flag.begin(), flag.end(), '_', '-');
        verb.add_option(flag, field.value, help)->type_name(type_name)->group("Which records");
    };
    add("type", "TYPE", "Kind (catalog_item) or whole type (vn.socai.catalog_item.v1)");
    add("source", "AGENCY", "Who issued it");
    add("subject", "NO", "The business number it is about");
    add("dossier_no", "NO", "Dossier number");
    add("declaration_no", "NO", "Customs declaration number");
    add("hs_prefix", "DIGITS", "Leading digits of an HS code");
    add("tax_code", "CODE", "Importer's tax code");
    add("goods_key", "KEY", "Goods, sha256:...");
    add("from_time", "TIME", "Signed at or after, RFC 3339");
    add("to_time", "TIME", "Signed before, RFC 3339");
}

boost::json::object FilterOptions::json() const {
    boost::json::object filter;
    for (const Field& field : fields_) {
        if (field.value.empty()) continue;
        const bool kind_alone = field.name == "type" && field.value.find('.') == std::string::npos;
        filter[field.name] = kind_alone ? "vn.socai." + field.value + ".v1" : field.value;
    }
    return filter;
}

}  // namespace socai::node::cli
