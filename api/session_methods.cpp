// session.sign_in, session.sign_out: who an open connection is, for clients that cannot set headers (browsers) and for
// connections that outlive an access token.
#include <utility>

#include "api/methods.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

json::object account_json(const Asker& asker, const SignedIn& signed_in) {
    json::object answer{{"account", asker.source},
                        {"kid", asker.kid},
                        {"roles", json::array()},
                        {"visibility", inspection::described(asker.viewer)},
                        {"expires", nullptr}};
    if (signed_in.ends_ms) answer["expires"] = *signed_in.ends_ms;
    return answer;
}

Answer sign_in(Caller& caller, const Arguments& arguments) {
    const auto signed_in = caller.session().sign_in(*arguments.string("token"));
    if (!signed_in) return signed_in.error();
    const Asker asker = caller.session().asker();
    json::object answer = account_json(asker, *signed_in);
    for (const std::string& role : caller.session().roles()) answer["roles"].as_array().emplace_back(role);
    return answer;
}

Answer sign_out(Caller& caller, const Arguments&) {
    caller.session().sign_out();
    return json::object{{"visibility", inspection::described(caller.session().asker().viewer)}};
}

}  // namespace

std::vector<Method> session_methods(const Limits&) {
    return {
        {"session.sign_in",
         "Signs this connection in with an access token, or anew with another; subscriptions of the same "
         "account go on",
         {{.name = "token",
           .summary = "A JWT that the client makes from a registered key: docs/clients.md, Signing in",
           .required = true,
           .min = 1,
           .max = 4'096}},
         "SignedIn",
         {Code::invalid_params, Code::forbidden, Code::overloaded},
         &sign_in},
        {"session.sign_out",
         "Goes on without account; subscriptions that showed more than everybody may see end",
         {},
         "SignedOut",
         {Code::invalid_params},
         &sign_out},
    };
}

}  // namespace socai::api
