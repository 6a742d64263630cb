// The fields by which records are looked for: ledger.query and ledger.subscribe (design/interfaces.md).
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <string>

namespace socai::node::cli {

class FilterOptions {
  public:
    void add_to(CLI::App& verb);
    // The members given; a kind alone ("catalog_item") stands for its whole type.
    boost::json::object json() const;

  private:
    struct Field {
        std::string name;  // of the parameter
        std::string value;
    };
    std::deque<Field> fields_;  // a deque, because CLI11 keeps pointers to the values
};

}  // namespace socai::node::cli
