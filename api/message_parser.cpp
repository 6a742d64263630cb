#include "api/message_parser.hpp"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <string>

#include "ledger/open_names.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// Nothing we take nests deeper than a filter in params in a batch; the bound keeps the parser's memory flat.
constexpr std::size_t max_depth = 32;
constexpr std::size_t max_quoted_name = 64;

// Receives Boost.JSON's events and builds the value, as json::parse does, watching the names.
class Handler {
  public:
    // Required by basic_parser; the listener's bound on the frame is the real one.
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    Handler(std::size_t text_bytes, const json::storage_ptr& storage)
        : stack_({}, buffer_.data(), buffer_.size()), names_(text_bytes) {
        stack_.reset(storage);
    }

    json::value release() { return stack_.release(); }
    bool repeated() const { return repeated_; }
    // The name that stands twice.
    const std::string& name() const { return name_; }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
        names_.open();
        return true;
    }
    bool on_object_end(std::size_t members, json::error_code&) {
        names_.close();
        stack_.push_object(members);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t elements, json::error_code&) {
        stack_.push_array(elements);
        return true;
    }
    bool on_key_part(std::string_view part, std::size_t, json::error_code&) {
        name_ += part;
        stack_.push_chars(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, json::error_code& error) {
        name_ += part;
        if (!names_.add(name_)) {
            repeated_ = true;
            error = json::error::syntax;  // any error stops the parser
            return false;
        }
        name_.clear();
        stack_.push_key(part);
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, json::error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, json::error_code&) {
        stack_.push_string(part);
        return true;
    }
    bool on_number_part(std::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t value, std::string_view, json::error_code&) {
        stack_.push_int64(value);
        return true;
    }
    bool on_uint64(std::uint64_t value, std::string_view, json::error_code&) {
        stack_.push_uint64(value);
        return true;
    }
    bool on_double(double value, std::string_view, json::error_code&) {
        stack_.push_double(value);
        return true;
    }
    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(std::string_view, json::error_code&) { return true; }
    bool on_comment(std::string_view, json::error_code&) { return true; }

  private:
    std::array<unsigned char, 4096> buffer_;  // first memory of the stack: most requests need no more
    json::value_stack stack_;
    ledger::OpenNames names_;
    std::string name_;  // the name being read: it arrives in parts when it holds escapes
    bool repeated_ = false;
};

}  // namespace

Result<json::value> parse_json(std::string_view text, const json::storage_ptr& storage) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<Handler> parser(options, text.size(), storage);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (parser.handler().repeated()) {
        // The parser hands over whole characters of valid UTF-8; a cut must not leave half of one.
        std::string name = parser.handler().name();
        if (name.size() > max_quoted_name) name = "(" + std::to_string(name.size()) + " bytes long)";
        return Error{Code::parse_error, "duplicate_name",
                     "the name " + name + " stands twice in one object of the message; keep one"};
    }
    if (!error && used < text.size()) error = json::error::extra_data;
    if (error) {
        return Error{Code::parse_error, "not_json",
                     "the message is not JSON: " + error.message() +
                         "; send one JSON-RPC 2.0 object or batch a frame"};
    }
    return parser.handler().release();
}

}  // namespace socai::api
