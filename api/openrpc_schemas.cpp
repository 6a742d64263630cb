#include "api/openrpc_schemas.hpp"

#include <boost/json/parse.hpp>
#include <string_view>
#include <utility>

namespace socai::api {
namespace {

constexpr std::string_view schemas = R"json({
  "AsOf": {
    "type": "object",
    "description": "How fresh the answer is: it contains at least the first `size` leaves",
    "required": ["size", "final_size", "time", "leader_contact_ms"],
    "properties": {
      "size": {"type": "integer", "minimum": 0},
      "final_size": {"type": "integer", "minimum": 0, "description": "Of those leaves, how many are final"},
      "time": {"$ref": "#/components/schemas/AcceptedTime"},
      "leader_contact_ms": {"type": ["integer", "null"], "description": "Since the last word of a leader; null: never"}
    }
  },
  "AcceptedTime": {"type": "integer", "description": "Accepted time, milliseconds since the Unix epoch"},
  "Hash": {"type": "string", "description": "SHA-256, standard base64", "pattern": "^[A-Za-z0-9+/]{43}=$"},
  "Hashes": {"type": "array", "items": {"$ref": "#/components/schemas/Hash"}},
  "Index": {"type": "integer", "minimum": 0, "description": "A leaf, counted from 0"},
  "N": {"type": "integer", "minimum": 0, "description": "A record within its bundle, counted from 0"},
  "LeafStatus": {"type": "string", "enum": ["accepted", "committed", "final"]},
  "Record": {"type": "object", "description": "A CloudEvents 1.0 event"},
  "Receipt": {
    "type": "object",
    "description": "Proves offline, under a pinned policy alone, that the leaf stands in the ledger and who signed it",
    "required": ["entry", "proof", "key", "policies"],
    "properties": {
      "entry": {"type": "string"},
      "proof": {"type": "string", "description": "C2SP tlog-proof"},
      "key": {"type": "object"},
      "policies": {"type": "array", "items": {"type": "object"}}
    }
  },
  "Withdrawal": {
    "type": "object",
    "description": "The members withdrew the leaf's bytes: of its records stay id, source, type, time and references",
    "required": ["legal_basis"],
    "properties": {
      "legal_basis": {"type": "array", "items": {"type": "string"}},
      "at": {"type": "string", "description": "The deciding ballot, as <index>; absent while this node has not come to it"}
    }
  },
  "NumberedRecord": {
    "type": "object",
    "required": ["n", "record"],
    "properties": {
      "n": {"$ref": "#/components/schemas/N"},
      "record": {"$ref": "#/components/schemas/Record"},
      "partial": {"type": "boolean", "description": "true: only those members that the caller may see"}
    }
  },
  "PlacedRecord": {
    "type": "object",
    "required": ["index", "n", "time", "record", "status"],
    "properties": {
      "index": {"$ref": "#/components/schemas/Index"},
      "n": {"$ref": "#/components/schemas/N"},
      "time": {"$ref": "#/components/schemas/AcceptedTime"},
      "record": {"$ref": "#/components/schemas/Record"},
      "status": {"$ref": "#/components/schemas/LeafStatus"},
      "withdrawn": {"$ref": "#/components/schemas/Withdrawal"},
      "partial": {"type": "boolean", "description": "true: only those members that the caller may see"}
    }
  },
  "Error": {
    "type": "object",
    "required": ["code", "message", "data"],
    "properties": {
      "code": {"type": "integer"},
      "message": {"type": "string"},
      "data": {
        "type": "object",
        "required": ["reason", "detail", "retryable"],
        "properties": {
          "reason": {"type": "string", "description": "A stable word"},
          "detail": {"type": "string", "description": "What to change"},
          "retryable": {"type": "boolean"}
        }
      }
    }
  },
  "Proposal": {
    "type": "object",
    "required": ["source", "id", "index", "title", "matter", "state", "opened", "closes"],
    "properties": {
      "source": {"type": "string", "description": "The member that proposed"},
      "id": {"type": "string"},
      "index": {"$ref": "#/components/schemas/Index"},
      "title": {"type": "string"},
      "matter": {"type": "string", "description": "governance.rules lists them"},
      "state": {"type": "string", "enum": ["open", "passed", "rejected", "withdrawn", "failed", "expired"]},
      "opened": {"$ref": "#/components/schemas/AcceptedTime"},
      "closes": {"type": "string", "description": "RFC 3339; ballots accepted later do not count"},
      "decided": {"$ref": "#/components/schemas/Index"},
      "why": {"type": "string", "description": "Of a failed one: why it could not be carried out"},
      "tally": {
        "type": "object",
        "description": "Of an open one, among those who are members now",
        "required": ["rule", "members", "needed", "yes", "no"],
        "properties": {
          "rule": {"type": "string", "enum": ["any", "majority", "two_thirds", "all"]},
          "members": {"type": "integer"},
          "needed": {"type": "integer"},
          "yes": {"type": "integer"},
          "no": {"type": "integer"}
        }
      }
    }
  },
  "Proposals": {
    "type": "object",
    "required": ["items", "more"],
    "properties": {
      "items": {"type": "array", "items": {"$ref": "#/components/schemas/Proposal"}},
      "more": {"type": "boolean", "description": "There are more than `limit`"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Votes": {
    "type": "object",
    "description": "A proposal's members, and these",
    "required": ["source", "id", "matter", "state", "change", "ballots"],
    "properties": {
      "change": {"type": "object", "description": "docs/governance.md says what each matter takes"},
      "ballots": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["member", "vote", "reason", "index"],
          "properties": {
            "member": {"type": "string"},
            "vote": {"type": "string", "enum": ["yes", "no"]},
            "reason": {"type": "string"},
            "index": {"$ref": "#/components/schemas/Index"}
          }
        }
      },
      "if_passed": {"type": "array", "items": {"type": "string"}, "description": "Of an open one: what happens then"},
      "impossible": {"type": "object", "description": "Of an open one: why it could not be carried out now"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Registry": {
    "type": "object",
    "required": ["agencies"],
    "properties": {
      "agencies": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["code", "parent", "roles", "name_vi", "name_en", "held", "keys", "speaks_for"],
          "properties": {
            "code": {"type": "string"},
            "parent": {"type": ["string", "null"]},
            "roles": {"type": "array", "items": {"type": "string"}},
            "name_vi": {"type": "string"},
            "name_en": {"type": "string"},
            "held": {"type": "boolean", "description": "May write no records, until a vote lets it"},
            "keys": {"type": "array", "items": {"type": "object"}},
            "speaks_for": {"type": "array", "items": {"type": "string"}}
          }
        }
      },
      "next_cursor": {"type": "string"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "GovernanceRules": {
    "type": "object",
    "required": ["members", "matters", "limits", "nodes", "recovery_agencies"],
    "properties": {
      "members": {"type": "array", "items": {"type": "string"}},
      "matters": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["matter", "vi", "en", "rule", "needed"],
          "properties": {
            "matter": {"type": "string"},
            "vi": {"type": "string"},
            "en": {"type": "string"},
            "rule": {"type": "string", "enum": ["any", "majority", "two_thirds", "all"]},
            "needed": {"type": "integer"}
          }
        }
      },
      "limits": {"type": "object"},
      "nodes": {"type": "array", "items": {"type": "string"}},
      "recovery_agencies": {"type": "integer"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "SubmitAnswer": {
    "type": "object",
    "required": ["results"],
    "properties": {
      "results": {
        "type": "array",
        "items": {
          "oneOf": [
            {
              "type": "object",
              "required": ["index", "time", "status", "duplicate"],
              "properties": {
                "index": {"$ref": "#/components/schemas/Index"},
                "n": {"$ref": "#/components/schemas/N"},
                "time": {"$ref": "#/components/schemas/AcceptedTime"},
                "status": {"$ref": "#/components/schemas/LeafStatus"},
                "duplicate": {"type": "boolean"},
                "late": {"type": "boolean"},
                "receipt": {"$ref": "#/components/schemas/Receipt"}
              }
            },
            {
              "type": "object",
              "required": ["status", "duplicate", "promise"],
              "properties": {
                "status": {"type": "string", "enum": ["accepted"]},
                "duplicate": {"type": "boolean", "description": "true: it was promised before"},
                "promise": {"type": "string", "description": "A note signed by the node key: what it holds, and by when it will stand"}
              }
            },
            {
              "type": "object",
              "required": ["error"],
              "properties": {"error": {"$ref": "#/components/schemas/Error"}}
            }
          ]
        }
      }
    }
  },
  "PromiseFate": {
    "type": "object",
    "required": ["status", "statement", "promise", "as_of"],
    "properties": {
      "status": {"type": "string", "enum": ["accepted", "committed", "refused"], "description": "accepted: it waits in the node's outbox"},
      "statement": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the statement, hex"},
      "promise": {"type": "string", "description": "The promise, a signed note"},
      "index": {"$ref": "#/components/schemas/Index"},
      "n": {"$ref": "#/components/schemas/N"},
      "time": {"$ref": "#/components/schemas/AcceptedTime"},
      "refusal": {"type": "string", "description": "The refusal, a signed note"},
      "detail": {"type": "string", "description": "Refused: what is wrong, for a person"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Leaf": {
    "type": "object",
    "required": ["index", "time", "records", "status", "as_of"],
    "properties": {
      "index": {"$ref": "#/components/schemas/Index"},
      "n": {"$ref": "#/components/schemas/N"},
      "time": {"$ref": "#/components/schemas/AcceptedTime"},
      "statement": {"type": "string", "description": "Compact JWS, byte for byte; for whoever may see all of it, unless withdrawn"},
      "records": {"type": "array", "items": {"$ref": "#/components/schemas/NumberedRecord"}},
      "withdrawn": {"$ref": "#/components/schemas/Withdrawal"},
      "status": {"$ref": "#/components/schemas/LeafStatus"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "QueryPage": {
    "type": "object",
    "required": ["items", "as_of"],
    "properties": {
      "items": {"type": "array", "items": {"$ref": "#/components/schemas/PlacedRecord"}},
      "next_cursor": {"type": "string", "description": "Absent on the last page"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "CheckpointAnswer": {
    "type": "object",
    "required": ["checkpoint", "as_of"],
    "properties": {
      "checkpoint": {"type": "string", "description": "C2SP tlog-checkpoint, a signed note"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "InclusionProof": {
    "type": "object",
    "required": ["index", "size", "leaf_hash", "hashes", "root", "as_of"],
    "properties": {
      "index": {"$ref": "#/components/schemas/Index"},
      "size": {"type": "integer", "minimum": 1},
      "leaf_hash": {"$ref": "#/components/schemas/Hash"},
      "hashes": {"$ref": "#/components/schemas/Hashes"},
      "root": {"$ref": "#/components/schemas/Hash"},
      "receipt": {"$ref": "#/components/schemas/Receipt"},
      "withdrawn": {"$ref": "#/components/schemas/Withdrawal"},
      "receipt_withheld": {"type": "boolean", "description": "true: the caller does not see all of the leaf, and so gets no receipt"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Disclosures": {
    "type": "object",
    "required": ["index", "n", "source", "id", "members", "as_of"],
    "properties": {
      "index": {"$ref": "#/components/schemas/Index"},
      "n": {"type": "integer", "minimum": 0},
      "source": {"type": "string"},
      "id": {"type": "string"},
      "members": {
        "type": "array",
        "description": "What the record commits to (data._sd), in its order",
        "items": {
          "type": "object",
          "required": ["commitment", "status"],
          "properties": {
            "commitment": {"type": "string", "description": "base64url of the SHA-256 of the disclosure"},
            "status": {"type": "string", "enum": ["disclosed", "withheld", "erased"]},
            "name": {"type": "string", "description": "disclosed: the member of data"},
            "value": {"description": "disclosed: its value"},
            "disclosure": {"type": "string", "description": "disclosed: what the commitment hashes (RFC 9901)"},
            "why": {"type": "string", "enum": ["not_for_you", "not_held_here"], "description": "withheld: from this caller, or by this node, which has not got it"}
          }
        }
      },
      "erasure": {
        "type": "object",
        "description": "The record that ended them",
        "required": ["source", "id", "index", "n", "legal_basis"],
        "properties": {
          "source": {"type": "string"},
          "id": {"type": "string"},
          "index": {"$ref": "#/components/schemas/Index"},
          "n": {"type": "integer", "minimum": 0},
          "legal_basis": {"type": "array", "items": {"type": "string"}}
        }
      },
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "ConsistencyProof": {
    "type": "object",
    "required": ["from_size", "to_size", "hashes", "as_of"],
    "properties": {
      "from_size": {"type": "integer", "minimum": 0},
      "to_size": {"type": "integer", "minimum": 0},
      "hashes": {"$ref": "#/components/schemas/Hashes"},
      "as_of": {"$ref": "#/components/schemas/AsOf"}
    }
  },
  "Subscribed": {
    "type": "object",
    "required": ["subscription", "from_index"],
    "properties": {
      "subscription": {"type": "integer", "minimum": 0},
      "from_index": {"$ref": "#/components/schemas/Index"}
    }
  },
  "Unsubscribed": {
    "type": "object",
    "required": ["subscription"],
    "properties": {"subscription": {"type": "integer", "minimum": 0}}
  },
  "SignedIn": {
    "type": "object",
    "required": ["account", "kid", "roles", "visibility", "expires"],
    "properties": {
      "account": {"type": "string", "description": "The source that the connection speaks for now"},
      "kid": {"type": "string", "description": "The key that vouches for it"},
      "roles": {"type": "array", "items": {"type": "string"}},
      "visibility": {"type": "string", "description": "What it sees: whole, agency, customs, trader:<tax code>, conformity_body, own, public; together"},
      "expires": {"type": ["integer", "null"], "description": "Milliseconds since the Unix epoch; null: with the connection"}
    }
  },
  "SignedOut": {
    "type": "object",
    "required": ["visibility"],
    "properties": {"visibility": {"type": "string", "description": "What the connection sees now"}}
  },
  "Status": {
    "type": "object",
    "description": "Origin, role, term, sizes in leaves, lag, health, version",
    "required": ["as_of"],
    "properties": {"as_of": {"$ref": "#/components/schemas/AsOf"}}
  },
  "Members": {
    "type": "object",
    "description": "The nodes, their agencies and keys",
    "required": ["as_of"],
    "properties": {"as_of": {"$ref": "#/components/schemas/AsOf"}}
  },
  "MembershipChanged": {
    "type": "object",
    "required": ["raft_id", "log_index", "changed"],
    "properties": {
      "raft_id": {"type": "integer", "minimum": 0, "description": "Of the node, never used for another; 0: it is no member"},
      "log_index": {"type": "integer", "minimum": 0, "description": "Raft index of the configuration in force"},
      "changed": {"type": "boolean", "description": "false: it stood so already"}
    }
  },
  "ClockShifted": {
    "type": "object",
    "required": ["offset_ms"],
    "properties": {"offset_ms": {"type": "integer"}}
  },
  "ScrubBegun": {
    "type": "object",
    "required": ["round"],
    "properties": {"round": {"type": "integer", "minimum": 1, "description": "What scrub.rounds of node.status comes to"}}
  },
  "BackupBegun": {
    "type": "object",
    "required": ["folder"],
    "properties": {"folder": {"type": "string"}}
  },
  "Transferred": {
    "type": "object",
    "required": ["leader"],
    "properties": {"leader": {"type": "string", "description": "The node that leadership was handed to"}}
  },
  "EntryNotification": {
    "type": "object",
    "description": "params of the notification ledger.entry",
    "required": ["subscription", "index", "time", "records"],
    "properties": {
      "subscription": {"type": "integer", "minimum": 0},
      "index": {"$ref": "#/components/schemas/Index"},
      "time": {"$ref": "#/components/schemas/AcceptedTime"},
      "statement": {"type": "string"},
      "withdrawn": {"$ref": "#/components/schemas/Withdrawal"},
      "records": {"type": "array", "items": {"$ref": "#/components/schemas/NumberedRecord"}}
    }
  }
})json";

}  // namespace

boost::json::object result_schemas() {
    boost::json::object all = boost::json::parse({schemas.data(), schemas.size()}).as_object();
    for (auto& [name, schema] : inspection_schemas()) all[name] = std::move(schema);
    return all;
}

}  // namespace socai::api
