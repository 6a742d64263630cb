#include "node/generator/cast.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

#include "inspection/records/tax_code.hpp"

namespace socai::node::generator {
namespace {

struct Agent {
    std::string_view code, parent, roles, name_vi, name_en;  // roles: words with blanks between
};

// A key in the genesis each; short names, for the genesis is one entry of at most 64 KiB.
constexpr std::array agents{
    Agent{"customs", "", "member", "Cơ quan Hải quan", "Customs"},
    Agent{"mard", "", "member", "Bộ quản lý nông nghiệp", "Agriculture"},
    Agent{"moit", "", "member", "Bộ Công Thương", "Industry and Trade"},
    Agent{"mot", "", "member", "Bộ quản lý giao thông", "Transport"},
    Agent{"moh", "", "member", "Bộ Y tế", "Health"},
    Agent{"most", "", "member", "Bộ Khoa học và Công nghệ", "Science and Technology"},
    Agent{"moc", "", "member", "Bộ Xây dựng", "Construction"},
    Agent{"mic", "", "member", "Bộ quản lý viễn thông", "Information and Communications"},
    Agent{"molisa", "", "member", "Bộ quản lý lao động", "Labour"},
    Agent{"monre", "", "member", "Bộ quản lý môi trường", "Environment"},
    Agent{"customs.nsw", "customs", "nsw_operator", "Cổng một cửa quốc gia", "National Single Window"},
    Agent{"customs.haiphong", "customs", "customs_office", "Hải quan Hải Phòng", ""},
    Agent{"customs.hcmc", "customs", "customs_office", "Hải quan TP.HCM", ""},
    Agent{"customs.hanoi", "customs", "customs_office", "Hải quan Hà Nội", ""},
    Agent{"customs.brvt", "customs", "customs_office", "Hải quan Bà Rịa - Vũng Tàu", ""},
    Agent{"customs.langson", "customs", "customs_office", "Hải quan Lạng Sơn", ""},
    Agent{"customs.danang", "customs", "customs_office", "Hải quan Đà Nẵng", ""},
    Agent{"customs.quangninh", "customs", "customs_office", "Hải quan Quảng Ninh", ""},
    Agent{"customs.hatinh", "customs", "customs_office", "Hải quan Hà Tĩnh", ""},
    Agent{"asw.th", "customs", "asw_gateway", "Cổng ASW Thái Lan", ""},
    Agent{"asw.id", "customs", "asw_gateway", "Cổng ASW Indonesia", ""},
    Agent{"asw.my", "customs", "asw_gateway", "Cổng ASW Malaysia", ""},
    Agent{"asw.sg", "customs", "asw_gateway", "Cổng ASW Singapore", ""},
    Agent{"mard.bvtv", "mard", "list_owner inspection_agency", "Bảo vệ thực vật", "plant protection"},
    Agent{"mard.ty", "mard", "list_owner inspection_agency", "Thú y", "animal health"},
    Agent{"mard.cn", "mard", "list_owner inspection_agency", "Thức ăn, phân bón", "feed and fertiliser"},
    Agent{"moit.attp", "moit", "list_owner inspection_agency", "An toàn thực phẩm", "food safety"},
    Agent{"moit.khcn", "moit", "list_owner inspection_agency", "Chất lượng hàng công thương", "quality"},
    Agent{"moit.qltt", "moit", "market_surveillance", "Quản lý thị trường", "market surveillance"},
    Agent{"mot.dk", "mot", "list_owner inspection_agency", "Đăng kiểm", "vehicle register"},
    Agent{"moh.attp", "moh", "list_owner inspection_agency", "An toàn thực phẩm", "food safety"},
    Agent{"moh.tbyt", "moh", "list_owner inspection_agency", "Trang thiết bị y tế", "medical devices"},
    Agent{"most.tcvn", "most", "list_owner", "Tiêu chuẩn đo lường chất lượng", "standards"},
    Agent{"most.qlcl", "most", "inspection_agency", "Quản lý chất lượng", "quality"},
    Agent{"most.dost-hcm", "most", "market_surveillance", "Sở KH&CN TP.HCM", "market surveillance"},
    Agent{"moc.vlxd", "moc", "list_owner inspection_agency", "Vật liệu xây dựng", "building materials"},
    Agent{"mic.vt", "mic", "list_owner inspection_agency", "Viễn thông", "telecommunications"},
    Agent{"molisa.atld", "molisa", "list_owner inspection_agency", "An toàn lao động", "work safety"},
    Agent{"monre.mt", "monre", "list_owner inspection_agency", "Môi trường", "environment"},
    Agent{"lab.mard-1", "mard", "conformity_body", "Phòng thử nghiệm (hư cấu)", ""},
    Agent{"lab.mard-2", "mard", "conformity_body", "Phòng thử nghiệm (hư cấu)", ""},
    Agent{"lab.moit-1", "moit", "conformity_body", "Phòng thử nghiệm (hư cấu)", ""},
    Agent{"cab.moit-2", "moit", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.mot-1", "mot", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.mot-2", "mot", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"lab.moh-1", "moh", "conformity_body", "Phòng thử nghiệm (hư cấu)", ""},
    Agent{"cab.most-1", "most", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.most-2", "most", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.moc-1", "moc", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.mic-1", "mic", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.molisa-1", "molisa", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
    Agent{"cab.monre-1", "monre", "conformity_body", "Tổ chức chứng nhận (hư cấu)", ""},
};

constexpr std::string_view food = "food_safety", quality = "quality";
constexpr std::array families{
    Family{"mard", "mard.ty", "mard.ty", food, 201, 210, "Thịt và phụ phẩm", "meat", "KGM"},
    Family{"mard", "mard.ty", "mard.ty", food, 301, 309, "Thủy sản", "fish", "KGM"},
    Family{"mard", "mard.ty", "mard.ty", food, 401, 410, "Sữa, trứng, mật ong", "dairy and eggs", "KGM"},
    Family{"mard", "mard.bvtv", "mard.bvtv", food, 701, 714, "Rau", "vegetables", "KGM", true},
    Family{"mard", "mard.bvtv", "mard.bvtv", food, 801, 814, "Quả", "fruit", "KGM", true},
    Family{"mard", "mard.bvtv", "mard.bvtv", food, 901, 910, "Cà phê, chè, gia vị", "coffee, tea, spices",
           "KGM", true},
    Family{"mard", "mard.bvtv", "mard.bvtv", food, 1001, 1008, "Ngũ cốc", "cereals", "KGM", true},
    Family{"mard", "mard.cn", "mard.cn", quality, 2301, 2309, "Thức ăn chăn nuôi", "feed", "KGM"},
    Family{"mard", "mard.cn", "mard.cn", quality, 3101, 3105, "Phân bón", "fertiliser", "KGM"},
    Family{"moit", "moit.attp", "moit.attp", food, 1507, 1518, "Dầu thực vật", "vegetable oil", "KGM"},
    Family{"moit", "moit.attp", "moit.attp", food, 1701, 1704, "Đường, bánh kẹo", "sugar and sweets", "KGM"},
    Family{"moit", "moit.attp", "moit.attp", food, 1901, 1905, "Bột, tinh bột, bánh", "flour and bakery",
           "KGM"},
    Family{"moit", "moit.attp", "moit.attp", food, 2202, 2208, "Đồ uống", "beverages", "LTR"},
    Family{"moit", "moit.khcn", "moit.khcn", quality, 6101, 6117, "Hàng may mặc", "garments", "NIU"},
    Family{"mot", "mot.dk", "mot.dk", quality, 8701, 8716, "Xe và phụ tùng", "vehicles and parts", "NIU"},
    Family{"mot", "mot.dk", "mot.dk", quality, 4009, 4013, "Lốp, ống cao su", "tyres", "NIU"},
    Family{"mot", "mot.dk", "mot.dk", quality, 8601, 8608, "Phương tiện đường sắt", "rail vehicles", "NIU"},
    Family{"mot", "mot.dk", "mot.dk", quality, 8901, 8908, "Tàu thuyền", "vessels", "NIU"},
    Family{"moh", "moh.attp", "moh.attp", food, 2101, 2106, "Chế phẩm thực phẩm", "food preparations", "KGM"},
    Family{"moh", "moh.attp", "moh.attp", food, 2001, 2009, "Rau quả chế biến", "prepared fruit", "KGM"},
    Family{"moh", "moh.tbyt", "moh.tbyt", quality, 9018, 9027, "Thiết bị y tế", "medical devices", "NIU"},
    Family{"moh", "moh.tbyt", "moh.tbyt", quality, 3001, 3006, "Dược phẩm", "pharmaceuticals", "KGM"},
    Family{"most", "most.tcvn", "most.qlcl", quality, 9503, 9506, "Đồ chơi trẻ em", "toys", "NIU"},
    Family{"most", "most.tcvn", "most.qlcl", quality, 8501, 8516, "Hàng điện gia dụng", "appliances", "NIU"},
    Family{"most", "most.tcvn", "most.qlcl", quality, 7213, 7229, "Thép cốt bê tông", "rebar", "KGM"},
    Family{"moc", "moc.vlxd", "moc.vlxd", quality, 6802, 6815, "Đá, vật liệu xây dựng", "building stone",
           "KGM"},
    Family{"moc", "moc.vlxd", "moc.vlxd", quality, 6901, 6912, "Gạch, gốm", "ceramics", "MTK"},
    Family{"mic", "mic.vt", "mic.vt", quality, 8517, 8543, "Thiết bị vô tuyến", "radio equipment", "NIU"},
    Family{"molisa", "molisa.atld", "molisa.atld", quality, 8412, 8433, "Máy nâng, thiết bị áp lực",
           "lifting gear", "NIU"},
    Family{"monre", "monre.mt", "monre.mt", quality, 3901, 3921, "Nhựa nguyên liệu", "plastics", "KGM"},
};

const std::array bodies_of{
    Body{"", "mard", "mard.bvtv"}, Body{"", "moit", "moit.khcn"},     Body{"", "mot", "mot.dk"},
    Body{"", "moh", "moh.attp"},   Body{"", "most", "most.tcvn"},     Body{"", "moc", "moc.vlxd"},
    Body{"", "mic", "mic.vt"},     Body{"", "molisa", "molisa.atld"}, Body{"", "monre", "monre.mt"},
};

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        found.push_back(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return found;
}

std::string digits(std::uint64_t number, std::size_t width) {
    std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// Those that there are: one in eleven of nine digits has no check digit.
std::vector<std::string> make_tax_codes(std::size_t count) {
    std::vector<std::string> codes;
    for (std::uint64_t number = 990'100'000; codes.size() < count; ++number) {
        for (char check = '0'; check <= '9'; ++check) {
            const std::string code = std::to_string(number) + check;
            if (inspection::is_tax_code(code)) codes.push_back(code);
        }
    }
    return codes;
}

std::vector<Body> make_bodies() {
    std::vector<Body> bodies;
    for (const Agent& agent : agents) {
        if (agent.roles != "conformity_body") continue;
        const auto* found = std::ranges::find(bodies_of, agent.parent, &Body::ministry);
        bodies.push_back({std::string(agent.code), agent.parent, found->designated_by});
    }
    return bodies;
}

// Procedures by rank, each given to the ministry that lacks most of its share; its headings in turn.
std::vector<Procedure> make_procedures(const Zipf& shares, const std::vector<Body>& bodies) {
    std::vector<std::vector<std::pair<const Family*, std::uint32_t>>> headings(ministries().size());
    for (std::size_t ministry = 0; ministry < ministries().size(); ++ministry) {
        std::vector<std::vector<std::pair<const Family*, std::uint32_t>>> lists;
        for (const Family& family : families) {
            if (family.ministry != ministries()[ministry].code) continue;
            lists.emplace_back();
            for (std::uint32_t heading = family.first_heading; heading <= family.last_heading; ++heading)
                lists.back().emplace_back(&family, heading);
        }
        for (std::size_t place = 0, added = 1; added > 0; ++place) {
            added = 0;
            for (const auto& list : lists) {
                if (place >= list.size()) continue;
                headings[ministry].push_back(list[place]);
                ++added;
            }
        }
    }
    std::vector<std::uint64_t> given(ministries().size());
    std::vector<std::size_t> used(ministries().size());
    std::vector<Procedure> procedures;
    for (std::size_t rank = 0; rank < shares.count(); ++rank) {
        const auto lacking = [&](std::size_t ministry) {
            const std::uint64_t due = shares.total() / 100 * ministries()[ministry].percent;
            const bool full = used[ministry] == headings[ministry].size();
            return full || given[ministry] >= due ? 0 : due - given[ministry];
        };
        std::size_t most = 0;
        for (std::size_t ministry = 0; ministry < ministries().size(); ++ministry) {
            const bool room = used[most] < headings[most].size();
            if (!room || lacking(ministry) > lacking(most)) most = ministry;
        }
        const auto& [family, heading] = headings[most].at(used[most]++);
        given[most] += shares.weight(rank);
        Procedure procedure;
        procedure.code = std::string(ministries()[most].list_code) + "-KT-" + digits(used[most], 2);
        procedure.ministry = most;
        procedure.family = family;
        procedure.heading = heading;
        for (std::size_t body = 0; body < bodies.size(); ++body)
            if (bodies[body].ministry == family->ministry) procedure.bodies.push_back(body);
        procedures.push_back(std::move(procedure));
    }
    return procedures;
}

Weights weights_of(const std::vector<Office>& offices) {
    std::vector<std::uint64_t> weights;
    for (const Office& office : offices) weights.push_back(office.weight);
    return Weights(weights);
}

}  // namespace

const std::vector<Ministry>& ministries() {
    static const std::vector<Ministry> list{
        {"mard", "BNN", 30}, {"moit", "BCT", 18},  {"mot", "BGTVT", 17},
        {"moh", "BYT", 12},  {"most", "BKHCN", 8}, {"moc", "BXD", 5},
        {"mic", "BTTTT", 4}, {"molisa", "BLD", 3}, {"monre", "BTNMT", 3},
    };
    return list;
}

Cast::Cast()
    : procedure_shares(procedure_count, 11),
      bodies(make_bodies()),
      offices{{"customs.haiphong", "03CE", "VNHPH", 26}, {"customs.hcmc", "02CI", "VNSGN", 34},
              {"customs.hanoi", "01B1", "VNHAN", 12},    {"customs.brvt", "51CI", "VNVUT", 9},
              {"customs.langson", "15BB", "VNLSN", 7},   {"customs.danang", "34CE", "VNDAD", 5},
              {"customs.quangninh", "20BB", "VNMCA", 4}, {"customs.hatinh", "30BB", "VNCTR", 3}},
      office_weights(weights_of(offices)),
      gateways{{"asw.th", "TH"}, {"asw.id", "ID"}, {"asw.my", "MY"}, {"asw.sg", "SG"}},
      tax_codes_(make_tax_codes(enterprise_count + broker_accounts)) {
    procedures = make_procedures(procedure_shares, bodies);
    for (std::size_t firm = 0; firm < own_accounts; ++firm)
        accounts_.push_back("importer." + tax_codes_[firm]);
    for (std::size_t broker = 0; broker < broker_accounts; ++broker)
        accounts_.push_back("broker." + tax_codes_[enterprise_count + broker]);
}

const std::string& Cast::account(std::size_t enterprise) const {
    return accounts_[has_broker(enterprise) ? own_accounts + enterprise % broker_accounts : enterprise];
}

ledger::Registry Cast::registry() const {
    ledger::Registry registry;
    for (const Agent& agent : agents) {
        ledger::Agency agency{std::string(agent.code),
                              std::nullopt,
                              {},
                              std::string(agent.name_vi),
                              std::string(agent.name_en)};
        if (!agent.parent.empty()) agency.parent = agent.parent;
        for (const std::string_view role : words(agent.roles)) agency.roles.emplace_back(role);
        registry.add_agency(std::move(agency)).value();
    }
    for (const std::string& account : accounts_) {
        registry.add_agency({account, "customs.nsw", {"trader"}, "", ""}).value();
        registry.add_delegation("customs.nsw", account).value();
    }
    return registry;
}

std::string Cast::registry_json() const {
    std::string text;
    const auto add = [&](std::string_view code, std::string_view parent, std::string_view roles,
                         std::string_view name_vi, std::string_view name_en) {
        text += text.empty() ? "[\n" : ",\n";
        text.append(" {\"code\":\"").append(code).append("\",\"parent\":");
        text += parent.empty() ? "null" : "\"" + std::string(parent) + "\"";
        text += ",\"roles\":[";
        for (const std::string_view role : words(roles))
            text.append(text.back() == '[' ? "\"" : ",\"").append(role).append("\"");
        text.append("],\"name_vi\":\"")
            .append(name_vi)
            .append("\",\"name_en\":\"")
            .append(name_en)
            .append("\"}");
    };
    for (const Agent& agent : agents)
        add(agent.code, agent.parent, agent.roles, agent.name_vi, agent.name_en);
    for (const std::string& account : accounts_) add(account, "customs.nsw", "trader", "", "");
    return text + "\n]\n";
}

}  // namespace socai::node::generator
