// A small ledger in a folder of tiles, with its policy, and audits of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "audit_ledger.hpp"
#include "node/audit/audit.hpp"
#include "temporary_folder.hpp"

namespace socai::node::audit {

using test::AuditLedger;
using test::TemporaryFolder;

// Two full bundles and a part of a third.
inline constexpr std::size_t leaves = 600;

class AuditTest : public ::testing::Test {
  protected:
    AuditTest() { test::put(folder_ / "policy", ledger_.policy().to_string()); }

    std::string tiles() const { return folder_ / "tiles"; }
    AuditOptions options() const {
        AuditOptions options;
        options.source = tiles();
        options.policy = folder_ / "policy";
        options.jobs = 2;
        return options;
    }
    static Result<AuditReport> run(const AuditOptions& options) {
        return run_audit(
            options, [](std::uint64_t, std::uint64_t) {}, [] { return false; });
    }
    // The report of an audit that comes to a verdict.
    AuditReport audit(const AuditOptions& options) const {
        auto report = run(options);
        EXPECT_TRUE(report) << report.error().reason << ": " << report.error().detail;
        return report ? *report : AuditReport{};
    }
    AuditReport audit_tiles() const { return audit(options()); }
    static std::string reasons(const AuditReport& report) {
        std::string all;
        for (const Finding& finding : report.findings) all += finding.reason + "; ";
        if (report.stopped) all += "stopped: " + report.stopped->reason + " " + report.stopped->detail;
        return all;
    }
    static bool found(const AuditReport& report, const std::string& reason) {
        return std::ranges::any_of(report.findings,
                                   [&](const Finding& finding) { return finding.reason == reason; });
    }
    static bool says(const std::vector<std::string>& sentences, const std::string& words) {
        return std::ranges::any_of(sentences, [&](const std::string& sentence) {
            return sentence.find(words) != std::string::npos;
        });
    }
    static bool noted(const AuditReport& report, const std::string& words) {
        return says(report.notes, words);
    }
    static bool not_checked(const AuditReport& report, const std::string& words) {
        return says(report.coverage.not_checked, words);
    }
    void expect_found(const AuditReport& report, const std::string& reason, std::uint64_t index) const {
        EXPECT_FALSE(report.passed());
        EXPECT_TRUE(found(report, reason)) << reasons(report);
        EXPECT_EQ(report.first_wrong, index) << reasons(report);
    }
    void write_head(const std::string& name, const ledger::Head& head) const {
        test::put(folder_ / name, head.note.to_string());
    }

    TemporaryFolder folder_;
    AuditLedger ledger_{leaves};
};

}  // namespace socai::node::audit
