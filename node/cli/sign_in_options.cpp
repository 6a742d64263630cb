#include "node/cli/sign_in_options.hpp"

#include <cstdio>

#include "node/cli/cluster_folder.hpp"
#include "node/key_file.hpp"

namespace socai::node::cli {

void SignInOptions::add_to(CLI::App& verb) {
    auto* file =
        verb.add_option("--key", key, "Sign in with this private key (JWK); without it only the public part")
            ->type_name("F");
    verb.add_option("--as", as, "Sign in with this key of the cluster in --dir")
        ->type_name("KID")
        ->excludes(file);
    verb.add_option("--for", on_behalf, "Speak for this source, which has delegated to the key's agency")
        ->type_name("SOURCE");
    verb.add_option("--aud", audience,
                    "The ledger's origin; by default that of --dir, else what the node says")
        ->type_name("ORIGIN");
}

Result<std::shared_ptr<const client::SignIn>> SignInOptions::read(const std::string& dir) const {
    const std::shared_ptr<const client::SignIn> nobody;
    if (key.empty() && as.empty()) {
        if (on_behalf.empty()) return nobody;
        return Error{Exit::usage, "no_keys",
                     "--for needs the key that vouches for it: --key F, or --as KID with --dir"};
    }
    std::string file = key;
    std::string origin = audience;
    if (!dir.empty()) {
        const auto cluster = read_cluster(dir);
        if (!cluster) return cluster.error();
        if (origin.empty()) origin = cluster->origin;
        if (!as.empty()) {
            for (const auto& [kid, path] : cluster->keys)
                if (kid == as) file = path;
            if (file.empty())
                return Error{
                    Exit::usage, "no_keys",
                    "the cluster in " + dir + " holds no key " + as + "; cluster.json lists those there are"};
        }
    } else if (!as.empty()) {
        return Error{Exit::usage, "no_keys",
                     "--as takes a key of a cluster: give its folder with --dir, or --key F"};
    }
    auto jwk = read_key_file(file);
    if (!jwk) return jwk.error();
    if (key_file_is_exposed(file))
        std::fprintf(stderr, "socai: warning: others than you can read the private key %s; chmod 600 it\n",
                     file.c_str());
    client::SignIn sign_in{*std::move(jwk), origin};
    if (!on_behalf.empty()) sign_in.on_behalf = on_behalf;
    return std::shared_ptr<const client::SignIn>(std::make_shared<client::SignIn>(std::move(sign_in)));
}

}  // namespace socai::node::cli
