"""Condenses the facts of the published UCServer interface into the package's schema table.

Usage: python tools/make_schema.py FACTS.json procall_mobility/protocols/rose/data/ucconnect.json

Input: operations (id to name, argument, result) and types (member order, types, tags), and those
that only the documentation shows ("private": order known, BER tags not).  Output, one JSON object:

    operations  [[id or 0, name, argument, result, error], ...]
    types       name -> "OTHER" | ["seq", private, [member, ...]] | ["choice", private, [...]]
                        | ["list", of] | ["enum"];    member = [name, type, tag or null, optional]
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

PRIMITIVES = {"number": "INTEGER", "boolean": "BOOLEAN", "string": "UTF8String", "Object": "NULL"}

TIME = re.compile(r"(st|utc|tim)[A-Z]")
OCTETS = re.compile(r"(bin|os)[A-Z]|binarydata$|key$|s(Auth|ServerAuth|ClientAuth)\w+$")


def condensed(definition: Any) -> Any:
    """Return a public definition in the table's form."""
    if isinstance(definition, str):
        return definition
    kind = definition["k"]
    if kind == "enum":
        return ["enum"]
    if kind == "list":
        return ["list", condensed(definition["of"])]
    members = [
        [m["n"], condensed(m["t"]), m.get("tag"), int(m.get("opt", False))]
        for m in definition["m"]
    ]
    return [kind, 0, members]


def guessed(definition: dict[str, Any]) -> Any:
    """Return a documented definition, whose tags are assumed in order (A-26)."""
    kind = definition["k"]
    if kind == "enum":
        return ["enum"]
    if kind == "list":
        return ["list", PRIMITIVES.get(definition["of"], definition["of"])]
    members = []
    tag = 0
    for member in definition["m"]:
        tagged = kind == "choice" or member.get("opt", False)
        optional = int(member.get("opt", False))
        members.append([member["n"], type_of(member), tag if tagged else None, optional])
        tag += tagged
    return [kind, 1, members]


def type_of(member: dict[str, Any]) -> str:
    """Return the type of a documented member; there, texts, octets and times are all strings."""
    documented: str = member["doc_t"]
    if documented == "string":
        if TIME.match(member["n"]):
            return "AsnSystemTime"
        if OCTETS.match(member["n"]):
            return "OCTETS"
    if documented.isdecimal():
        return "INTEGER"
    return PRIMITIVES.get(documented, documented)


def main(source: str, target: str) -> None:
    """Read the facts and write the table."""
    facts = json.loads(Path(source).read_text("utf-8"))
    operations = [
        [int(number), entry["name"], entry.get("arg"), entry.get("res"), entry.get("err")]
        for number, entry in facts["operations"].items()
    ]
    operations += [
        [0, name, entry.get("arg"), entry.get("res"), entry.get("err")]
        for name, entry in facts["private_operations"].items()
    ]
    types = {name: guessed(entry) for name, entry in facts["private_types"].items()}
    types |= {name: condensed(entry["def"]) for name, entry in facts["types"].items()}
    table = {"operations": operations, "types": dict(sorted(types.items()))}
    Path(target).write_text(json.dumps(table, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
