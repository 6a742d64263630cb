#include "node/generator/shares.hpp"

#include <numeric>

namespace socai::node::generator {
namespace {

constexpr std::uint64_t million = 1'000'000;

std::uint64_t ppm(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<std::uint64_t>(static_cast<Wide>(part) * million / whole);
}

std::uint64_t first(const std::vector<std::uint64_t>& list, std::size_t count) {
    return std::accumulate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count), std::uint64_t{0});
}

// Records of a dossier by the model, in thousandths. Its 0.3 transitions cannot be beside 5 / 25 / 70 % and three passes
// for each (README.md): they are counted together with the others.
struct Expected {
    std::string_view what;
    std::uint64_t thousandths;
};
constexpr std::array expected{Expected{"registrations", 1'000},
                              Expected{"statuses", 2'000},
                              Expected{"determinations", 1'000},
                              Expected{"declarations", 1'000},
                              Expected{"channels", 1'000},
                              Expected{"conformity results", 600},
                              Expected{"inspection results", 900},
                              Expected{"clearances", 1'000},
                              Expected{"corrections", 200},
                              Expected{"transitions and others", 800},
                              Expected{"remedies", 1}};

}  // namespace

std::vector<Share> shares_of(const Counts& counts, const Cast& cast, const GoodsTable& goods,
                             const TradeCalendar& calendar, std::uint64_t fail_ppm) {
    std::vector<Share> shares;
    const auto add = [&](std::string what, std::string_view of, std::uint64_t model, std::uint64_t part,
                         std::uint64_t whole) {
        shares.push_back({std::move(what), std::string(of), model, ppm(part, whole)});
    };
    const std::uint64_t dossiers = counts.dossiers;
    for (std::size_t i = 0; i < ministries().size(); ++i)
        add("agency " + std::string(ministries()[i].code), "dossiers", ministries()[i].percent * 10'000,
            counts.ministries[i], dossiers);
    for (const std::size_t top : {std::size_t{1}, std::size_t{12}})
        add("procedures, top " + std::to_string(top), "dossiers", cast.procedure_shares.share_ppm(top),
            first(counts.procedures, top), dossiers);
    const Zipf enterprises(enterprise_count, 10);
    add("enterprises, top 1 %", "dossiers", enterprises.share_ppm(enterprise_count / 100),
        counts.top_enterprises, dossiers);
    add("enterprises, top 10 %", "dossiers", enterprises.share_ppm(enterprise_count / 10),
        counts.many_enterprises, dossiers);
    add("goods, top 1 %", "dossiers", goods.shares().share_ppm(goods.shares().count() / 100),
        counts.top_goods, dossiers);
    add("goods, top 10 %", "dossiers", goods.shares().share_ppm(goods.shares().count() / 10),
        counts.many_goods, dossiers);
    for (const inspection::Method method :
         {inspection::Method::strict, inspection::Method::normal, inspection::Method::reduced})
        add("method " + std::string(inspection::word(method)), "dossiers",
            method_percent[static_cast<std::size_t>(method)] * 10'000,
            counts.methods[static_cast<std::size_t>(method)], dossiers);
    const std::uint64_t day = std::accumulate(hour_weights.begin(), hour_weights.end(), std::uint64_t{0});
    add("hours 9 to 11", "dossiers", ppm(hour_weights[9] + hour_weights[10], day),
        counts.hours[9] + counts.hours[10], dossiers);
    add("hours 14 to 16", "dossiers", ppm(hour_weights[14] + hour_weights[15], day),
        counts.hours[14] + counts.hours[15], dossiers);
    add("Mondays", "dossiers", calendar.share_of_mondays_ppm(), counts.mondays, dossiers);
    add("fortnight before Tết", "dossiers", calendar.share_before_tet_ppm(), counts.before_tet, dossiers);
    add("failures", "results", fail_ppm, counts.failures, counts.passes + counts.failures);

    const std::uint64_t remedies = counts.of("remedy_order") + counts.of("remedy_completion");
    const std::uint64_t found[] = {counts.of("inspection_registration"),
                                   counts.of("dossier_status"),
                                   counts.of("method_determination"),
                                   counts.of("customs_declaration"),
                                   counts.of("channel_decision"),
                                   counts.of("conformity_result"),
                                   counts.of("inspection_result"),
                                   counts.of("clearance_decision"),
                                   counts.corrections,
                                   0,
                                   remedies};
    static_assert(std::size(found) == expected.size());
    const std::uint64_t known = std::accumulate(std::begin(found), std::end(found), std::uint64_t{0});
    std::uint64_t all = 0;
    for (const Expected& each : expected) all += each.thousandths;
    for (std::size_t i = 0; i < expected.size(); ++i)
        add("records: " + std::string(expected[i].what), "records", ppm(expected[i].thousandths, all),
            expected[i].what == "transitions and others" ? counts.records - known : found[i], counts.records);
    return shares;
}

}  // namespace socai::node::generator
