#include "node/forwarding.hpp"

#include "node/parcel.hpp"

namespace socai::node {
namespace {

// As many as a call may hold at the highest setting of limits.max_batch (config.cpp).
constexpr std::size_t max_statements = 10'000;
constexpr std::size_t max_reason_bytes = 64;
constexpr std::size_t max_detail_bytes = 4'096;

template <class Enum>
Enum read_enum(network::FrameReader& reader, Enum last) {
    const auto value = reader.take_integer<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) throw cereal::Exception("an enumeration is out of range");
    return static_cast<Enum>(value);
}

void write_decision(network::FrameWriter& writer, const Decision& decision) {
    writer(decision.has_value());
    if (decision) {
        writer(decision->address.index, decision->address.n, static_cast<std::uint64_t>(decision->time_ms),
               decision->duplicate, decision->late);
        return;
    }
    writer.put_integer(static_cast<std::uint8_t>(decision.error().fault));
    network::save_text(writer, std::string_view(decision.error().reason).substr(0, max_reason_bytes));
    network::save_text(writer, std::string_view(decision.error().detail).substr(0, max_detail_bytes));
}

Decision read_decision(network::FrameReader& reader) {
    bool accepted = false;
    reader(accepted);
    if (accepted) {
        Accepted value;
        std::uint64_t time = 0;
        reader(value.address.index, value.address.n, time, value.duplicate, value.late);
        value.time_ms = static_cast<std::int64_t>(time);
        return value;
    }
    ledger::Error error;
    error.fault = read_enum(reader, ledger::Fault::refused);
    error.reason = network::load_text(reader, max_reason_bytes, "a reason");
    error.detail = network::load_text(reader, max_detail_bytes, "a detail");
    return error;
}

}  // namespace

network::Parcel encode_forward(std::uint64_t call, std::uint32_t attempt,
                               std::span<const std::string_view> statements) {
    network::Parcel parcel = parcel_of(ParcelKind::forward);
    network::FrameWriter writer(parcel.body);
    writer(call, attempt, static_cast<std::uint32_t>(statements.size()));
    for (const auto statement : statements) network::save_text(writer, statement);
    return parcel;
}

network::Parcel encode_forward_answer(std::uint64_t call, std::uint32_t attempt, const Attempt& ended) {
    network::Parcel parcel = parcel_of(ParcelKind::forward_answer);
    network::FrameWriter writer(parcel.body);
    writer(call, attempt, static_cast<std::uint8_t>(ended.end),
           static_cast<std::uint32_t>(ended.decisions.size()));
    for (const auto& decision : ended.decisions) write_decision(writer, decision);
    return parcel;
}

std::optional<Forward> decode_forward(const network::Parcel& parcel) {
    return decode_parcel<Forward>(
        parcel, ParcelKind::forward, [](network::FrameReader& reader, Forward& body) {
            reader(body.call, body.attempt);
            const std::size_t count = network::load_count(reader, max_statements, 4, "statements");
            body.statements.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                body.statements.emplace_back(
                    network::load_text(reader, ledger::max_entry_bytes, "a statement"));
            }
        });
}

std::optional<ForwardAnswer> decode_forward_answer(const network::Parcel& parcel) {
    return decode_parcel<ForwardAnswer>(
        parcel, ParcelKind::forward_answer, [](network::FrameReader& reader, ForwardAnswer& body) {
            reader(body.call, body.attempt);
            body.ended.end = read_enum(reader, Attempt::End::no_space);
            const std::size_t count = network::load_count(reader, max_statements, 2, "decisions");
            body.ended.decisions.reserve(count);
            for (std::size_t i = 0; i < count; ++i) body.ended.decisions.push_back(read_decision(reader));
        });
}

network::Parcel encode_clock_question(const ClockQuestion& question) {
    network::Parcel parcel = parcel_of(ParcelKind::clock_question);
    network::FrameWriter(parcel.body)(question.asked_at);
    return parcel;
}

network::Parcel encode_clock_answer(const ClockAnswer& answer) {
    network::Parcel parcel = parcel_of(ParcelKind::clock_answer);
    network::FrameWriter(parcel.body)(answer.asked_at, static_cast<std::uint64_t>(answer.time_ms));
    return parcel;
}

std::optional<ClockQuestion> decode_clock_question(const network::Parcel& parcel) {
    return decode_parcel<ClockQuestion>(
        parcel, ParcelKind::clock_question,
        [](network::FrameReader& reader, ClockQuestion& body) { reader(body.asked_at); });
}

std::optional<ClockAnswer> decode_clock_answer(const network::Parcel& parcel) {
    return decode_parcel<ClockAnswer>(
        parcel, ParcelKind::clock_answer, [](network::FrameReader& reader, ClockAnswer& body) {
            constexpr std::uint64_t latest = 253'402'300'799'999;  // the end of the year 9999
            std::uint64_t time = 0;
            reader(body.asked_at, time);
            if (time > latest) throw cereal::Exception("a time is out of range");
            body.time_ms = static_cast<std::int64_t>(time);
        });
}

}  // namespace socai::node
