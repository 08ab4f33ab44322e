"""Reads what a batch wrote as others would, and holds it to results.jsonl: python3 read_outputs.py OUT"""
import csv
import json
import sys
import xml.etree.ElementTree

out = sys.argv[1]
csv.field_size_limit(sys.maxsize)
with open(f"{out}/results.jsonl", encoding="utf-8") as file:
    items = [json.loads(line) for line in file]
with open(f"{out}/results.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
cases = xml.etree.ElementTree.parse(f"{out}/junit.xml").findall("./testsuite/testcase")


def safe(text):
    """What a spreadsheet must not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def in_xml(text):
    """XML 1.0 has no more than these below the blank."""
    return "".join(c if c in "\t\n\r" or " " <= c < "\ufffe" or c > "\uffff" else "\ufffd" for c in text)


wanted = [(safe(item["key"]), safe(item["text"])) for item in items]
assert [(row["key"], row["text"]) for row in rows] == wanted, rows
wanted = [(in_xml(item["key"]), in_xml(item["text"])) for item in items]
assert [(case.get("name"), case.findtext("system-out")) for case in cases] == wanted, cases
print(len(items), "items")
