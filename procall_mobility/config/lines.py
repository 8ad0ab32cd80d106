"""Finds the line of a settings file that an error is about."""

import re
from collections import Counter

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r'\s*("[^"]*"|[A-Za-z0-9_.-]+)\s*=')


def line_of(source: str, path: str) -> int | None:
    """Return the line, from 1, of the key or header that `path` (`ice.servers[1].urls`) names.

    None where it cannot be told: a key inside an inline table, for example.
    """
    tables: Counter[str] = Counter()
    section = ""
    for number, line in enumerate(source.split("\n"), 1):
        if match := _HEADER.match(line):
            section = match[2].replace('"', "")
            if match[1] == "[[":
                tables[section] += 1
                section += f"[{tables[section] - 1}]"
            if section == path:
                return number
        elif match := _KEY.match(line):
            key = match[1].strip('"')
            if path == (f"{section}.{key}" if section else key):
                return number
    return None
