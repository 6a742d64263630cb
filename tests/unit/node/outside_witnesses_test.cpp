// What a node asks of the witnesses outside the consortium, against real witnesses behind a server of the test.
#include "node/outside_witnesses.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <mutex>

#include "head_signing.hpp"
#include "node/witness/witness.hpp"
#include "temporary_folder.hpp"

namespace socai::node {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using test::Consortium;
using test::GrowingTree;
using namespace std::chrono_literals;

bool wait_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

// A witness that trusts the log key of node 0 alone. One request after the other.
class ServedWitness {
  public:
    ServedWitness(const Consortium& consortium, std::string name) : name_(std::move(name)) {
        ledger::Policy policy;
        policy.logs.push_back(
            {{Consortium::origin, ledger::NoteKeyType::ed25519, consortium.member(0).log_key}, ""});
        witness_ = Witness::open(folder_.path(), {name_, ledger::KeyPair::generate()}, policy, true, [] {
                       return std::int64_t{1'700'000'000'000};
                   }).value();
        const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
        acceptor_.open(any.protocol());
        acceptor_.bind(any);
        acceptor_.listen();
        thread_ = std::thread([this] { serve(); });
    }
    ~ServedWitness() {
        running_ = false;
        release();
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    WitnessConfig config() const {
        return {name_, "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()),
                witness_->vkey().to_string()};
    }
    ledger::VerifierKey key() const { return witness_->vkey(); }
    // From now on it takes requests and does not answer, or refuses the next `count`.
    void hold() { held_ = true; }
    void release() { held_ = false; }
    void refuse(int count) { refusals_ = count; }
    int requests() const { return requests_; }

  private:
    void serve() {
        while (running_) {
            boost::system::error_code error;
            asio::ip::tcp::socket socket(io_);
            acceptor_.accept(socket, error);
            if (error) continue;
            boost::beast::flat_buffer buffer;
            http::request<http::string_body> request;
            http::read(socket, buffer, request, error);
            if (error) continue;
            ++requests_;
            while (held_ && running_) std::this_thread::sleep_for(2ms);
            const std::string target(request.target());
            WitnessAnswer answer{503, "text/plain", "not now\n"};
            if (request.method() == http::verb::get)
                answer = witness_->checkpoint(std::string_view(target).substr(1, 64));
            else if (refusals_ == 0)
                answer = witness_->add_checkpoint(request.body());
            else
                --refusals_;
            http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
            response.set(http::field::content_type, answer.content_type);
            response.body() = answer.body;
            response.prepare_payload();
            response.keep_alive(false);
            http::write(socket, response, error);
        }
    }

    test::TemporaryFolder folder_;
    std::string name_;
    std::unique_ptr<Witness> witness_;
    std::atomic<bool> running_ = true, held_ = false;
    std::atomic<int> refusals_ = 0, requests_ = 0;
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_};
    std::thread thread_;
};

class OutsideWitnessesTest : public ::testing::Test {
  protected:
    OutsideWitnessesTest() { tree_.grow_to(20); }
    // With so long between rounds that nothing comes of them in time.
    void start(const std::vector<WitnessConfig>& witnesses, std::chrono::milliseconds pace = 1h) {
        OutsideWitnesses::Hooks hooks;
        hooks.waits_for = [this](const ledger::VerifierKey& key) {
            const std::lock_guard lock(mutex_);
            return key == waits_for_ ? waiting_ : std::nullopt;
        };
        hooks.own = [this] {
            const std::lock_guard lock(mutex_);
            return own_;
        };
        hooks.seen = [](const std::string&, const ledger::Head&) {};
        hooks.cosigned = [this](const std::string& name, const ledger::Head& head) {
            const std::lock_guard lock(mutex_);
            cosigned_.emplace_back(name, head);
        };
        witnesses_ =
            std::make_unique<OutsideWitnesses>(Consortium::origin, witnesses, tree_, pace, std::move(hooks));
        witnesses_->start();
    }
    ledger::Head head(std::uint64_t size) const { return consortium_.head(size, tree_.root(size), {0}); }
    void wait_for(const ledger::VerifierKey& key, std::uint64_t size) {
        {
            const std::lock_guard lock(mutex_);
            waits_for_ = key;
            waiting_ = head(size);
        }
        witnesses_->hurry();
    }
    std::size_t cosigned(const std::string& name, std::uint64_t size) {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count_if(cosigned_, [&](const auto& one) {
            return one.first == name && one.second.checkpoint.size == size;
        }));
    }

    Consortium consortium_{1};
    GrowingTree tree_;
    std::mutex mutex_;  // guards the four below
    ledger::VerifierKey waits_for_;
    std::optional<ledger::Head> waiting_, own_;
    std::vector<std::pair<std::string, ledger::Head>> cosigned_;
    std::unique_ptr<OutsideWitnesses> witnesses_;  // ends before what its hooks use
};

TEST_F(OutsideWitnessesTest, WhatWaitsIsAskedForAtOnceAndAgain) {
    ServedWitness court(consortium_, "court.test");
    own_ = head(3);
    start({court.config()});
    ASSERT_TRUE(wait_until([&] { return cosigned("court.test", 3) == 1; })) << "what is final";
    wait_for(court.key(), 5);
    ASSERT_TRUE(wait_until([&] { return cosigned("court.test", 5) >= 1; }));
    {
        const std::lock_guard lock(mutex_);
        const std::array keys{court.key()};
        EXPECT_TRUE(ledger::verify_note(cosigned_.back().second.note, keys));
        EXPECT_EQ(cosigned_.back().second.note.signatures.size(), 1U) << "its line alone";
    }
    // The leader changed, and the line was lost with it.
    const std::size_t times = cosigned("court.test", 5);
    wait_for(court.key(), 5);
    ASSERT_TRUE(wait_until([&] { return cosigned("court.test", 5) > times; }));
    wait_for(court.key(), 9);
    ASSERT_TRUE(wait_until([&] { return cosigned("court.test", 9) >= 1; }));
    EXPECT_EQ(witnesses_->status().front().cosigned_size, 9U);
    EXPECT_EQ(cosigned("court.test", 3), 1U) << "what nobody waits for is given once";
}

TEST_F(OutsideWitnessesTest, WhileAHeadWaitsARefusalIsAskedAgain) {
    ServedWitness court(consortium_, "court.test");
    court.refuse(2);
    start({court.config()});
    wait_for(court.key(), 5);
    ASSERT_TRUE(wait_until([&] { return cosigned("court.test", 5) >= 1; }))
        << "without another word, long before the next round";
    ASSERT_TRUE(wait_until([&] { return witnesses_->status().front().fault.empty(); }));
}

TEST_F(OutsideWitnessesTest, OneThatDoesNotAnswerHoldsUpNoOther) {
    ServedWitness slow(consortium_, "slow.test");
    ServedWitness court(consortium_, "court.test");
    slow.hold();
    start({slow.config(), court.config()});
    ASSERT_TRUE(wait_until([&] { return slow.requests() > 0; }));
    for (std::uint64_t size = 1; size <= 5; ++size) {
        wait_for(court.key(), size);
        ASSERT_TRUE(wait_until([&] { return cosigned("court.test", size) >= 1; }));
    }
    slow.release();
    witnesses_->stop();
}

}  // namespace
}  // namespace socai::node
