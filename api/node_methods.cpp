// node.status, cluster.members: the node and its cluster as they see themselves. node.change_members, node.transfer:
// what the operator of a cluster on one machine may do to it.
#include <algorithm>
#include <array>
#include <utility>

#include "api/methods.hpp"
#include "ledger/base64.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

// How the machine fares: for its operator, and of use to an attacker.
constexpr std::array workings{"backup", "clock", "disclosures", "free_bytes", "outbox", "recovery", "scrub", "unfit"};

Answer status(Reading& reading, const Arguments&, json::storage_ptr storage) {
    json::object status(reading.backend.status(), std::move(storage));
    if (!reading.asker.may_see_workings())
        for (const char* name : workings) status.erase(name);
    return status;
}

Answer members(Reading& reading, const Arguments&, json::storage_ptr storage) {
    return json::object(reading.backend.members(), std::move(storage));
}

Result<ledger::PublicKey> key(const Arguments& arguments, std::string_view name) {
    const auto text = arguments.string(name);
    const auto bytes = text ? ledger::base64url_decode(*text) : std::nullopt;
    ledger::PublicKey key{};
    if (!bytes || bytes->size() != key.size())
        return invalid_params("malformed_value",
                              std::string(name) + " must be 32 bytes in base64url without padding");
    std::ranges::copy(*bytes, key.begin());
    return key;
}

// What only a node that joins has to tell.
Result<void> read_joiner(const Arguments& arguments, MembershipRequest& request) {
    for (const std::string_view name :
         {"agency", "host", "port", "log_key", "cosigner_key", "node_key", "tls_key"})
        if (!arguments.has(name))
            return invalid_params("missing_parameter", std::string(name) + " is required to add a node");
    request.agency = *arguments.string("agency");
    request.host = *arguments.string("host");
    request.port = static_cast<std::uint16_t>(*arguments.integer("port"));
    for (const auto& [name, out] :
         {std::pair{"log_key", &request.log_key}, std::pair{"cosigner_key", &request.cosigner_key},
          std::pair{"node_key", &request.node_key}, std::pair{"tls_key", &request.tls_key}}) {
        auto read = key(arguments, name);
        if (!read) return read.error();
        *out = *read;
    }
    return {};
}

void change_members(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller> caller,
                    Reply reply) {
    using What = MembershipRequest::What;
    MembershipRequest request;
    request.node = *arguments.string("node");
    request.timeout_ms = *arguments.integer("timeout_ms");
    const std::string_view what = *arguments.string("change");
    request.what = what == "add"       ? What::add
                   : what == "promote" ? What::promote
                   : what == "demote"  ? What::demote
                                       : What::remove;
    if (request.what == What::add) {
        if (auto read = read_joiner(arguments, request); !read) return reply(read.error());
    }
    backend.change_members(std::move(request), [caller = std::move(caller),
                                                reply = std::move(reply)](Result<MembershipChanged> done) {
        caller->post([reply, done = std::move(done)] {
            if (!done) return reply(done.error());
            reply(json::object{
                {"raft_id", done->raft_id}, {"log_index", done->log_index}, {"changed", done->changed}});
        });
    });
}

void transfer(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller> caller, Reply reply) {
    TransferRequest request;
    if (const auto to = arguments.string("to")) request.to = *to;
    request.timeout_ms = *arguments.integer("timeout_ms");
    backend.transfer(std::move(request),
                     [caller = std::move(caller), reply = std::move(reply)](Result<Transferred> done) {
                         caller->post([reply, done = std::move(done)] {
                             if (!done) return reply(done.error());
                             reply(json::object{{"leader", done->to}});
                         });
                     });
}

void shift_clock(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller>, Reply reply) {
    const std::int64_t offset = *arguments.integer("offset_ms");
    if (const auto done = backend.shift_clock(offset); !done) return reply(done.error());
    reply(json::object{{"offset_ms", offset}});
}

void scrub(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller>, Reply reply) {
    const std::int64_t rate = arguments.integer("bytes_per_second").value_or(0);
    const auto round = backend.scrub(static_cast<std::uint64_t>(rate));
    if (!round) return reply(round.error());
    reply(json::object{{"round", *round}});
}

void backup(Backend& backend, const Arguments& arguments, std::shared_ptr<Caller>, Reply reply) {
    const std::string folder(*arguments.string("folder"));
    if (const auto begun = backend.backup(folder); !begun) return reply(begun.error());
    reply(json::object{{"folder", folder}});
}

std::vector<Parameter> change_parameters(const Limits& limits) {
    return {
        {.name = "change",
         .type = ParameterType::choice,
         .summary =
             "\"add\": a new node, as a learner; \"promote\", \"demote\": to voter, to learner; \"remove\"",
         .required = true,
         .choices = {"add", "promote", "demote", "remove"}},
        {.name = "node", .summary = "The node's name", .required = true, .min = 1, .max = 64},
        {.name = "agency", .summary = "add: the member agency that runs it", .min = 1, .max = 64},
        {.name = "host", .summary = "add: where the other nodes reach it", .min = 1, .max = 255},
        {.name = "port",
         .type = ParameterType::integer,
         .summary = "add: with host",
         .min = 1,
         .max = 65'535},
        {.name = "log_key", .summary = "add: its public keys, base64url", .min = 43, .max = 43},
        {.name = "cosigner_key", .summary = "add: as log_key", .min = 43, .max = 43},
        {.name = "node_key", .summary = "add: as log_key", .min = 43, .max = 43},
        {.name = "tls_key", .summary = "add: as log_key", .min = 43, .max = 43},
        timeout_parameter(limits)};
}

}  // namespace

std::vector<Method> node_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::unavailable};
    return {
        {"node.status", "Role, term, sizes in leaves, lag, health and version of this node",
         with_read_parameters({}, limits), "Status", errors, &status},
        {"cluster.members", "The membership with its keys", with_read_parameters({}, limits), "Members",
         errors, &members},
        {"node.change_members",
         "Changes the membership of a cluster on one machine, where [admin] local_changes allows it; ask the "
         "leader. "
         "Answered when the change is committed; repeating it is harmless",
         change_parameters(limits),
         "MembershipChanged",
         {Code::invalid_params, Code::forbidden, Code::outcome_unknown, Code::unavailable, Code::not_found},
         &change_members},
        {"node.shift_clock",
         "For tests and drills, where [admin] local_changes allows it: the node's clock is off by so much "
         "from now on",
         {{.name = "offset_ms",
           .type = ParameterType::integer,
           .summary = "Added to the machine's clock",
           .required = true,
           .min = -day_ms,
           .max = day_ms}},
         "ClockShifted",
         {Code::invalid_params, Code::forbidden},
         &shift_clock},
        {"node.scrub",
         "Reads the log, the state and what the node promised again from the disk, and repairs what it can, "
         "where [admin] local_changes allows it. "
         "Answered at once; node.status has `scrub`, whose `rounds` comes to `round`",
         {{.name = "bytes_per_second",
           .type = ParameterType::integer,
           .summary = "How fast it reads; by default as fast as it goes",
           .min = 1,
           .max = max_integer}},
         "ScrubBegun",
         {Code::invalid_params, Code::forbidden},
         &scrub},
        {"node.backup",
         "Copies the node's ledger into a folder of its machine while it runs, where [admin] local_changes "
         "allows "
         "it. Answered at once; node.status has `backup`",
         {{.name = "folder",
           .summary = "Absolute path; a folder that is not there, or empty",
           .required = true,
           .min = 2,
           .max = 4'096}},
         "BackupBegun",
         {Code::invalid_params, Code::forbidden, Code::unavailable},
         &backup},
        {"node.transfer",
         "Hands leadership over in a cluster on one machine, where [admin] local_changes allows it; ask the "
         "leader",
         {{.name = "to",
           .summary = "The voter that shall lead; by default the one that is furthest",
           .min = 1,
           .max = 64},
          timeout_parameter(limits)},
         "Transferred",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &transfer},
    };
}

}  // namespace socai::api
