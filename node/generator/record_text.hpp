// Writes one record as JSON text, member by member: building it as a tree of values would take most of the time.
// Texts are the generator's own and need no escapes. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace socai::node::generator {

class RecordText {
  public:
    RecordText(std::string_view kind, std::string_view source, std::string id, std::string_view subject,
               std::int64_t time_ms);

    RecordText& text(std::string_view name, std::string_view value);
    RecordText& number(std::string_view name, std::int64_t value);
    RecordText& raw(std::string_view name, std::string_view json);
    RecordText& refer(std::string_view rel, std::string_view source, std::string_view id);

    std::string_view kind() const { return kind_; }
    std::string_view source() const { return source_; }
    const std::string& id() const { return id_; }
    std::int64_t time_ms() const { return time_ms_; }
    bool supersedes() const { return supersedes_; }
    // The whole record, once.
    std::string finish();

  private:
    void member(std::string_view name);

    std::string_view kind_, source_;
    std::string id_;
    std::int64_t time_ms_;
    bool supersedes_ = false;
    std::string text_, refs_;
};

}  // namespace socai::node::generator
