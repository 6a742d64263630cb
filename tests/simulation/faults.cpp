#include "tests/simulation/faults.hpp"

namespace socai::simulation {
namespace {

struct Row {
    Fault fault;
    std::string_view name;
    std::string_view meaning;
    std::uint64_t how_often;  // per million seeds
};

constexpr std::array<Row, fault_count> rows{{
    {Fault::delay, "delay", "messages take long, some very long", 500'000},
    {Fault::loss, "loss", "single messages are lost", 500'000},
    {Fault::duplicate, "duplicate", "messages arrive twice, the second time late", 400'000},
    {Fault::reorder, "reorder", "messages overtake each other", 400'000},
    {Fault::cut, "cut", "single links fail, one way or both", 400'000},
    {Fault::partition, "partition", "one node or a half is cut off, one way or both", 500'000},
    {Fault::clog, "clog", "a link holds all messages back for a while", 300'000},
    {Fault::crash, "crash", "a node stops at any time and starts again", 600'000},
    {Fault::boundary_crash, "boundary_crash", "a node stops between two outputs of one step", 500'000},
    {Fault::power_loss, "power_loss", "several or all nodes stop at once", 200'000},
    {Fault::pause, "pause", "a node does nothing for a while and then goes on", 300'000},
    {Fault::slow_node, "slow_node", "a node's disk and processor are slow for a while", 300'000},
    {Fault::fsync_error, "fsync_error", "a sync fails: the node stops, what was written is uncertain",
     200'000},
    {Fault::full_disk, "full_disk", "a node may not append for a while", 200'000},
    {Fault::lost_write, "lost_write", "unsynced writes are lost at a stop, wholly or in part", 800'000},
    {Fault::bit_flip, "bit_flip", "an entry's content is damaged on one disk", 300'000},
    {Fault::misdirected_write, "misdirected_write", "an entry's content is overwritten by another's",
     200'000},
    {Fault::lost_tail, "lost_tail", "acknowledged entries at the end of one log are lost", 200'000},
    {Fault::lost_disk, "lost_disk", "a disk is lost for good: the node returns under a new id", 200'000},
    {Fault::clock, "clock", "a node's clock is off, and runs fast or slow", 300'000},
    {Fault::membership, "membership", "members join, leave, are promoted and demoted, alone and in groups",
     400'000},
    {Fault::transfer, "transfer", "leadership is handed over", 300'000},
    {Fault::campaign, "campaign", "a node campaigns out of turn", 300'000},
    {Fault::prune, "prune", "old entries are dropped: nodes that need them begin anew after a base", 300'000},
    {Fault::lying_leader, "lying_leader", "one node lies when it leads", 60'000},
    {Fault::lying_follower, "lying_follower", "one node lies when it follows", 60'000},
}};

const Row& row_of(Fault fault) {
    const Row& row = rows[static_cast<std::size_t>(fault)];
    assert(row.fault == fault && "the rows stand in the order of the enumeration");
    return row;
}

}  // namespace

std::string_view name_of(Fault fault) {
    return row_of(fault).name;
}
std::string_view meaning_of(Fault fault) {
    return row_of(fault).meaning;
}

std::optional<Fault> fault_named(std::string_view name) {
    for (const Row& row : rows) {
        if (row.name == name) return row.fault;
    }
    return std::nullopt;
}

Mix draw_mix(Dice& dice, const FaultChoice& choice) {
    Mix mix;
    for (std::size_t i = 0; i < fault_count; ++i) mix.on[i] = dice.chance(rows[i].how_often);
    mix.on |= choice.forced_on;
    mix.on &= ~choice.forced_off;
    mix.loss = mix.has(Fault::loss) ? dice.below(150'000) : 0;
    mix.duplicate = mix.has(Fault::duplicate) ? dice.below(100'000) : 0;
    mix.reorder = mix.has(Fault::reorder) ? dice.below(500'000) : 0;
    mix.delay = mix.has(Fault::delay) ? dice.between(2'000, 60'000) : 500;
    mix.sync = dice.between(500, 10'000);
    mix.lost_write = mix.has(Fault::lost_write) ? 200'000 + dice.below(800'000) : 0;
    mix.between_faults = dice.between(300'000, 3'000'000);
    return mix;
}

}  // namespace socai::simulation
