// A node that lies: in the place of one that is stopped it speaks the wire under its id and signs with its node key, but
// keeps none of the rules. It holds no ledger; what it knows of the log it hears from the leader.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "consensus/message.hpp"
#include "local_cluster.hpp"
#include "network/transport.hpp"
#include "node/member.hpp"
#include "node/tls/own_certificate.hpp"

namespace socai::cluster_tests {

class FalseNode {
  public:
    // `node` is stopped. Listens at its address and reaches the others as its configuration says. Throws when it cannot.
    FalseNode(const LocalCluster& cluster, const std::string& node);
    ~FalseNode();
    FalseNode(const FalseNode&) = delete;
    FalseNode& operator=(const FalseNode&) = delete;

    // From now on it is silent to leaders, until there is an election: whoever asks for its vote gets it, and so does
    // everybody else in that term.
    void vote_for_all();
    // As the leader of a term that nobody elected it for: sends everybody two entries for the place behind the newest that
    // it has heard of, first `first`, then `second`. False when it has heard of none yet.
    bool append_to_all(const std::string& first, const std::string& second);

  private:
    void hear(consensus::NodeId from, const consensus::Message& message);
    network::WireSignature sign(consensus::NodeId to, const consensus::Message& message) const;

    std::string origin_;
    node::Member self_;
    ledger::KeyPair key_;
    std::vector<network::PeerAddress> peers_;
    std::unique_ptr<node::tls::OwnCertificate> certificate_;  // its own: it lies with words, not with keys
    mutable std::mutex mutex_;                                // guards the three below
    bool votes_for_all_ = false;
    consensus::Term term_;     // the newest heard of
    consensus::EntryId last_;  // the newest entry heard of
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::unique_ptr<network::Transport> transport_;
    std::thread thread_;
};

}  // namespace socai::cluster_tests
