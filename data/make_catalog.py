#!/usr/bin/env python3
"""Makes catalog_tt28_2026_bct.jsonl, records of kind catalog_item, from the transcription catalog_tt28_2026_bct.csv.

usage: data/make_catalog.py < data/catalog_tt28_2026_bct.csv > data/catalog_tt28_2026_bct.jsonl
The result is kept beside the source; a test makes it again and compares.
"""
import csv
import json
import sys

LIST_CODE = "BCT-ATTP-TT28"

for row in csv.DictReader(sys.stdin):
    record = {
        "specversion": "1.0",
        "id": f"tt28-{row['hs_code']}",
        "source": row["agency"],
        "type": "vn.socai.catalog_item.v1",
        "subject": LIST_CODE,
        "time": f"{row['valid_from']}T00:00:00+07:00",
        "datacontenttype": "application/json",
        "data": {
            "list_code": LIST_CODE,
            "hs_code": row["hs_code"],
            "goods_description": row["name_vi"],
            "heading_description": row["heading_vi"],
            "annex_section": row["annex_section"],
            "inspection_stage": row["stage"],
            "inspection_agency": row["agency"],
            "valid_from": row["valid_from"],
            "valid_to": None,
            "regimes": [row["regime"]],
            "refs": [],
            "legal_basis": [row["legal_basis"]],
        },
    }
    print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
