// A ledger with one record of every kind, and more of alerts; sources of every role, each with a key; and whose shipments they
// are about: for tests of who may read and write what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/access_token.hpp"
#include "sample_ledger.hpp"

namespace socai::api::testing {

inline constexpr std::string_view test_origin = "ledger.test";

// The key of a source: kid "<source>/record-1". The same for every call.
ledger::Jwk key_of(std::string_view source);
// The sources of data/genesis_registry.json, an auditor and a provincial committee, each with its key; every trader has
// delegated to customs.nsw.
ledger::Registry registry_with_keys();

class MatrixLedger : public FakeBackend {
  public:
    MatrixLedger();

    Derived derived() const override {
        Derived derived = sample_.derived();
        derived.size = as_of().size;
        return derived;
    }
    Result<QueryResult> query(const QueryRequest& request) const override;
    std::string cursor_past(const QueryRequest& request, const ledger::Address& last) const override;
    Result<std::vector<RecordView>> dossier(std::string_view dossier_no) const override;
    // As if this node had promised every record, each in a statement of its own: it waits, stands or was refused, as
    // `fate_of_promises` says. Its words hold the record's id.
    std::string fate_of_promises = "committed";
    using FakeBackend::promise;
    Result<PromiseFate> promise(std::string_view source, std::string_view id) const override;
    // As if every record kept a member confidential, and this node held it.
    Result<ConfidentialView> confidential(std::string_view source, std::string_view id) const override;
    Result<InclusionProof> prove_inclusion(std::uint64_t index,
                                           std::optional<std::uint64_t> size) const override;

    // One a leaf, in the order of the leaves.
    const std::vector<ledger::Record>& records() const { return records_; }
    Answer ask(std::string_view method, const boost::json::object& parameters, const Asker& asker) const;
    // Signed in as the source; empty: without account.
    Asker asker(std::string_view source) const;

  private:
    void add(const boost::json::value& record);

    SampleLedger sample_;
    MethodTable table_{Limits{}};
    std::vector<ledger::Record> records_;
};

}  // namespace socai::api::testing
