// What inspection.* answers with (openrpc_schemas.hpp).
#include <boost/json/parse.hpp>
#include <string_view>

#include "api/openrpc_schemas.hpp"

namespace socai::api {
namespace {

constexpr std::string_view schemas = R"json({
  "Evidence": {
    "type": "array",
    "description": "Where the records stand that this rests on, \"12\" or \"12.3\": ledger.get has them, ledger.prove_inclusion proves them",
    "items": {"type": "string", "pattern": "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*))?$"}
  },
  "At": {"type": "string", "format": "date-time", "description": "What counted as now, in Vietnam"},
  "Day": {"type": "string", "format": "date", "description": "In Vietnam"},
  "Method": {"type": "string", "enum": ["exempt", "reduced", "normal", "strict"]},
  "Steps": {
    "type": "array",
    "description": "What comes next",
    "items": {
      "type": "object",
      "required": ["who", "what", "en", "vi", "article"],
      "properties": {
        "who": {"type": "string", "description": "Agency or other source that must act"},
        "what": {"type": "string", "description": "The kind of record that it is to write"},
        "due": {"type": ["string", "null"], "description": "The first instant at which it is late; null: no limit of the law runs"},
        "late": {"type": "boolean"},
        "due_article": {"type": "string"},
        "article": {"type": "string"},
        "en": {"type": "string"},
        "vi": {"type": "string"}
      }
    }
  },
  "Obstacles": {
    "type": "array",
    "items": {
      "type": "object",
      "required": ["missing", "en", "vi"],
      "properties": {"missing": {"type": "string"}, "en": {"type": "string"}, "vi": {"type": "string"}}
    }
  },
  "Draw": {
    "type": "object",
    "description": "The draw of a reduced shipment; `at`: the declaration whose entry ends the tree that was drawn from",
    "properties": {
      "selected": {"type": "boolean"}, "ticket": {"type": "integer"}, "capped": {"type": "boolean"}, "at": {"type": "string"}
    }
  },
  "Clearance": {
    "type": "object",
    "required": ["declaration_no", "at", "status", "may_be_cleared", "basis", "items", "against", "channel", "clearance", "evidence", "next_steps", "as_of"],
    "properties": {
      "declaration_no": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "status": {"type": "string", "enum": ["registered", "amended", "cancelled"]},
      "office": {"type": "string"},
      "importer_tax_code": {"type": "string"},
      "may_be_cleared": {"type": "boolean"},
      "basis": {"type": ["string", "null"], "description": "Decree 85/2019 Art 24.1 and the rule set: not_listed, exempt, reduced_not_drawn, inspection_result, conformity_result, registration_confirmed, inspected_after_clearance"},
      "items": {
        "type": "array",
        "description": "Each line of the declaration under each regime that a list names for it",
        "items": {
          "type": "object",
          "required": ["line", "may_be_cleared", "regime", "listed", "bases", "missing", "alerts", "near_alerts", "evidence"],
          "properties": {
            "line": {"type": "integer"},
            "may_be_cleared": {"type": "boolean"},
            "regime": {"type": ["string", "null"]},
            "listed": {"type": "boolean"},
            "recorded_only": {"type": "boolean"},
            "method": {"$ref": "#/components/schemas/Method"},
            "draw": {"$ref": "#/components/schemas/Draw"},
            "bases": {"type": "array", "items": {"type": "string"}},
            "missing": {"$ref": "#/components/schemas/Obstacles"},
            "alerts": {"type": "array", "items": {"type": "object"}},
            "near_alerts": {"type": "array", "items": {"type": "object"}},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "against": {"$ref": "#/components/schemas/Obstacles"},
      "channel": {"type": ["object", "null"]},
      "clearance": {"type": ["object", "null"], "description": "The last decision"},
      "risk": {"type": ["object", "null"], "description": "For agencies: what the governed table comes to"},
      "storage": {"type": "object", "description": "For agencies: may the goods be taken to the importer's own storage"},
      "signals": {"type": "array", "description": "For agencies: suspicions that agencies have shared about it, the newest 20", "items": {"type": "object"}},
      "evidence": {"$ref": "#/components/schemas/Evidence"},
      "next_steps": {"$ref": "#/components/schemas/Steps"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Dossier": {
    "type": "object",
    "description": "Of a number that no registration has opened a dossier of, agencies get the timeline alone",
    "required": ["dossier_no", "timeline", "at", "as_of"],
    "properties": {
      "dossier_no": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "state": {"type": "string", "enum": ["submitted", "received", "supplement_requested", "accepted", "confirmed", "refused", "decided", "closed", "withdrawn"]},
      "states": {"type": "array", "items": {"type": "object"}},
      "method": {"type": "object", "description": "As determined: regime, list, agency, rule_set, method, reason, article, draw, evidence"},
      "stricter": {"type": ["object", "null"]},
      "result": {"type": ["object", "null"], "description": "The one that counts now"},
      "results": {"type": "array", "items": {"type": "object"}},
      "conformity": {"type": "array", "items": {"type": "object"}},
      "declaration": {"type": ["object", "null"], "description": "That carries it, with channel, storage and clearance"},
      "remedy": {"type": ["object", "null"]},
      "deadlines": {
        "type": "array",
        "description": "The limits of the law that run for it, as of `at`",
        "items": {
          "type": "object",
          "required": ["clock", "state", "due", "owner", "article", "evidence"],
          "properties": {
            "clock": {"type": "string"},
            "state": {"type": "string", "enum": ["due", "met", "missed", "cancelled", "running", "over"]},
            "due": {"type": ["string", "null"]},
            "stopped": {"type": ["string", "null"]},
            "owner": {"type": "string"},
            "article": {"type": "string"},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_steps": {"$ref": "#/components/schemas/Steps"},
      "evidence": {"$ref": "#/components/schemas/Evidence"},
      "timeline": {"type": "array", "items": {"$ref": "#/components/schemas/PlacedRecord"}},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "ResultPage": {
    "type": "object",
    "required": ["items", "as_of"],
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["notice_no", "agency", "date", "method", "outcome", "superseded", "goods", "evidence"],
          "properties": {
            "notice_no": {"type": "string"},
            "agency": {"type": "string"},
            "date": {"$ref": "#/components/schemas/Day"},
            "regime": {"type": "string"},
            "method": {"$ref": "#/components/schemas/Method"},
            "outcome": {"type": "string", "enum": ["pass", "fail", "label_fail", "incomplete", "annulled"]},
            "superseded": {"type": "boolean", "description": "true: a later result took its place"},
            "goods": {
              "type": "object",
              "required": ["goods_key"],
              "properties": {
                "goods_key": {"type": "string"}, "name": {"type": "string"}, "hs_code": {"type": "string"},
                "brand": {"type": "string"}, "model": {"type": "string"}, "origin_country": {"type": "string"},
                "manufacturer": {"type": "string"}
              }
            },
            "dossier_no": {"type": "string", "description": "For agencies, and for the importer whose it is"},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string", "description": "Absent on the last page; a page may be short, even empty, and have one"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Figures": {
    "type": "object",
    "description": "By stable name (inspection/statistics/statistics_answer.hpp): counts, minutes, shares in millionths",
    "additionalProperties": {"type": ["integer", "null"]}
  },
  "FigureGroups": {
    "type": "object",
    "description": "By grouping asked for",
    "additionalProperties": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["group", "figures"],
        "properties": {"group": {"type": "string"}, "figures": {"$ref": "#/components/schemas/Figures"}}
      }
    }
  },
  "Statistics": {
    "type": "object",
    "required": ["question", "total", "groups", "as_of"],
    "properties": {
      "question": {"type": "object", "description": "As asked, with as_of as the index of a leaf: asked again, it is answered the same for ever"},
      "total": {"$ref": "#/components/schemas/Figures"},
      "groups": {"$ref": "#/components/schemas/FigureGroups"},
      "compared": {
        "type": "object",
        "properties": {
          "total": {"$ref": "#/components/schemas/Figures"},
          "groups": {"$ref": "#/components/schemas/FigureGroups"}
        }
      },
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "MethodOfGoods": {
    "type": "object",
    "description": "Not listed: exempt, for want of a list. Listed without a rule set in force: method is null, the regime is recorded only",
    "required": ["goods", "regime", "at", "listed", "method", "reason", "article", "rule_set", "evidence", "alerts", "near_alerts", "history", "next_steps", "as_of"],
    "properties": {
      "goods": {"type": "object"},
      "regime": {"type": "string"},
      "tax_code": {"type": ["string", "null"], "description": "The importer, for agencies and himself"},
      "at": {"$ref": "#/components/schemas/At"},
      "listed": {"type": "boolean"},
      "list_code": {"type": ["string", "null"]},
      "agency": {"type": ["string", "null"]},
      "rule_set": {"type": ["string", "null"]},
      "method": {"type": ["string", "null"], "enum": ["exempt", "reduced", "normal", "strict", null]},
      "reason": {"type": ["string", "null"], "description": "As article, since and last_day null where an alert that the caller may not see brought the method about"},
      "article": {"type": ["string", "null"]},
      "since": {"type": ["string", "null"]},
      "last_day": {"type": ["string", "null"], "description": "Of the term of what passes have earned"},
      "by_importer": {"type": "boolean", "description": "Passes count by importer: without one the answer is that of an importer without passes"},
      "streak": {"type": "integer", "description": "Passes towards the next lighter method"},
      "needed": {"type": "integer"},
      "exemption": {"type": ["string", "null"]},
      "notice": {"type": ["string", "null"]},
      "evidence": {"$ref": "#/components/schemas/Evidence"},
      "alerts": {"type": "array", "items": {"type": "object"}, "description": "In force that match fully, as far as the caller may see them"},
      "near_alerts": {"type": "array", "items": {"type": "object"}},
      "history": {"type": "array", "items": {"type": "object"}, "description": "Every method so far, with reason, article and records"},
      "next_steps": {"$ref": "#/components/schemas/Steps"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "GoodsPage": {
    "type": "object",
    "required": ["items", "at", "as_of"],
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["goods_key", "regime", "method", "evidence"],
          "properties": {
            "goods_key": {"type": "string"}, "goods_name": {"type": "string"}, "hs_code": {"type": "string"},
            "origin_country": {"type": "string"}, "brand": {"type": "string"}, "model": {"type": "string"},
            "manufacturer": {"type": "string"}, "regime": {"type": "string"}, "list_code": {"type": "string"},
            "rule_set": {"type": "string"}, "method": {"$ref": "#/components/schemas/Method"},
            "method_for_some": {"type": ["string", "null"], "description": "A lighter one that passes have earned for some of the first eight importers, where they count by importer"},
            "reason": {"type": ["string", "null"]}, "exemption": {"type": ["string", "null"]},
            "article": {"type": ["string", "null"]}, "since": {"type": ["string", "null"]}, "last_day": {"type": ["string", "null"]},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string", "description": "Absent on the last page; a page may be short, even empty, and have one"},
      "at": {"$ref": "#/components/schemas/At"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "CatalogPage": {
    "type": "object",
    "required": ["items", "at", "as_of"],
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["list_code", "hs_code", "regimes", "agency", "stage", "valid_from", "evidence"],
          "properties": {
            "list_code": {"type": "string"}, "hs_code": {"type": "string"}, "description": {"type": "string"},
            "regimes": {"type": "array", "items": {"type": "string"}}, "agency": {"type": "string"},
            "stage": {"type": "string", "enum": ["before_clearance", "after_clearance"]},
            "level": {"type": ["string", "null"]}, "valid_from": {"$ref": "#/components/schemas/Day"},
            "valid_to": {"type": ["string", "null"]}, "source": {"type": "string"},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "ProcedurePage": {
    "type": "object",
    "required": ["items", "at", "as_of"],
    "properties": {
      "items": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["procedure_code", "name_vi", "agency", "stage", "valid_from", "evidence"],
          "properties": {
            "procedure_code": {"type": "string"}, "name_vi": {"type": "string"}, "name_en": {"type": "string"},
            "agency": {"type": "string"}, "stage": {"type": "string", "enum": ["testing", "live", "retired"]},
            "regime": {"type": "string"}, "time_limit_hours": {"type": "integer"},
            "valid_from": {"$ref": "#/components/schemas/Day"}, "valid_to": {"type": ["string", "null"]},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "AlertPage": {
    "type": "object",
    "required": ["alerts", "at", "as_of"],
    "properties": {
      "alerts": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["alert_no", "source", "level", "effect", "scope", "text", "published", "status", "valid_from", "evidence"],
          "properties": {
            "alert_no": {"type": "string"}, "source": {"type": "string"}, "level": {"type": "string"},
            "effect": {"type": "array", "items": {"type": "string"}}, "scope": {"type": "object"},
            "text": {"type": "string"}, "published": {"type": "boolean"},
            "status": {"type": "string", "enum": ["in_force", "lifted", "superseded"]},
            "valid_from": {"$ref": "#/components/schemas/Day"}, "valid_to": {"type": ["string", "null"]},
            "match": {"type": "string", "enum": ["full", "near"], "description": "Of the goods asked about"},
            "shipments": {"type": "array", "items": {"type": "object"}, "description": "For agencies: dossiers and declarations under way that it touches, at most 100"},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Enterprise": {
    "type": "object",
    "required": ["tax_code", "at", "level", "vi", "en", "as_of"],
    "properties": {
      "tax_code": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "level": {"type": ["integer", "null"], "description": "1, the best, to 5; null: not rated"},
      "criteria": {"type": "string", "description": "The governed criteria in force that day"},
      "window": {"type": "object", "properties": {"from": {"$ref": "#/components/schemas/Day"}, "to": {"$ref": "#/components/schemas/Day"}}},
      "shipments": {"type": "integer"},
      "figures": {"description": "Each figure with the records that it counts"},
      "steps": {"description": "Each level with the bounds that hold or do not"},
      "vi": {"type": "string"},
      "en": {"type": "string"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "ExceptionPage": {
    "type": "object",
    "required": ["exceptions", "at", "as_of"],
    "properties": {
      "exceptions": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["kind", "at", "evidence"],
          "properties": {
            "kind": {"type": "string", "enum": ["off_catalog_inspection", "stricter_than_rule", "refused_clearance", "lateness", "would_have_differed"]},
            "evidence": {"$ref": "#/components/schemas/Evidence"}
          }
        }
      },
      "next_cursor": {"type": "string"},
      "at": {"$ref": "#/components/schemas/At"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  }
})json";

}  // namespace

boost::json::object inspection_schemas() {
    return boost::json::parse({schemas.data(), schemas.size()}).as_object();
}

}  // namespace socai::api
