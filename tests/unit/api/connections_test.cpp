#include "api/connections.hpp"

#include <gtest/gtest.h>

namespace socai::api {
namespace {

class Counted : public Connection {
  public:
    void shut_down() override { ++shut_downs; }
    int shut_downs = 0;
};

TEST(Connections, CountsWhatIsOpenWhereverTheSlotMoves) {
    Connections connections;
    {
        ConnectionSlot first = connections.enter();
        const ConnectionSlot second = connections.enter();
        EXPECT_EQ(connections.size(), 2U);
        const ConnectionSlot moved = std::move(first);
        EXPECT_EQ(connections.size(), 2U);
    }
    EXPECT_EQ(connections.size(), 0U);
}

TEST(Connections, ShutsDownWhatIsOpenAndWhatComesLater) {
    Connections connections;
    const auto early = std::make_shared<Counted>();
    const auto late = std::make_shared<Counted>();
    const ConnectionSlot slot = connections.enter();
    slot.serve(early);
    connections.shut_down();
    EXPECT_EQ(early->shut_downs, 1);
    const ConnectionSlot next = connections.enter();
    next.serve(late);
    EXPECT_EQ(late->shut_downs, 1);
}

}  // namespace
}  // namespace socai::api
