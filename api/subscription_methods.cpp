// ledger.subscribe, ledger.unsubscribe: following the ledger over the calling connection.
#include <utility>

#include "api/filter_parameters.hpp"
#include "api/inspection_question.hpp"
#include "api/methods.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

Answer subscribe(Caller& caller, const Arguments& arguments) {
    auto filter = parse_filter(arguments.object("filter"));
    if (!filter) return filter.error();
    std::optional<std::uint64_t> from_index;
    if (const auto given = arguments.integer("from_index")) from_index = static_cast<std::uint64_t>(*given);
    const auto viewer = viewer_of(caller.session().asker(), arguments);
    if (!viewer) return viewer.error();
    const auto subscribed = caller.subscribe(
        from_index, std::move(*filter), arguments.has("audience") ? std::optional(*viewer) : std::nullopt);
    if (!subscribed) return subscribed.error();
    return json::object{{"subscription", subscribed->id}, {"from_index", subscribed->from_index}};
}

Answer unsubscribe(Caller& caller, const Arguments& arguments) {
    const std::int64_t id = *arguments.integer("subscription");
    if (const auto ended = caller.unsubscribe(static_cast<std::uint64_t>(id)); !ended) return ended.error();
    return json::object{{"subscription", id}};
}

}  // namespace

std::vector<Method> subscription_methods(const Limits&) {
    return {
        {"ledger.subscribe",
         "Sends every leaf from from_index on as a notification ledger.entry: in order, none twice, none "
         "missed, at the reader's pace",
         {{.name = "from_index",
           .type = ParameterType::integer,
           .summary = "First leaf to send; absent: the next one to be applied",
           .min = 0,
           .max = max_integer},
          {.name = "filter",
           .type = ParameterType::object,
           .summary = "Sends only leaves with a record that matches, and of them only such records",
           .members = filter_parameters()},
          audience_parameter()},
         "Subscribed",
         {Code::invalid_params, Code::forbidden, Code::overloaded},
         &subscribe},
        {"ledger.unsubscribe",
         "Ends a subscription of this connection; nothing of it is sent after the answer",
         {{.name = "subscription",
           .type = ParameterType::integer,
           .summary = "What ledger.subscribe answered",
           .required = true,
           .min = 0,
           .max = max_integer}},
         "Unsubscribed",
         {Code::invalid_params, Code::not_found},
         &unsubscribe},
    };
}

}  // namespace socai::api
