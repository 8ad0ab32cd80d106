"""Writes manual pages in troff's macros (man(7))."""

import re
from collections.abc import Iterable

Lines = list[str]


def text(plain: str) -> str:
    """Return text so that troff takes no letter of it for its own."""
    escaped = plain.replace("\\", r"\e").replace("-", r"\-").replace("~", r"\(ti")
    escaped = escaped.replace("^", r"\(ha").replace("`", r"\(ga")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


def head(name: str, section: int, summary: str, version: str) -> Lines:
    """Begin a page; no date stands in it, so that the same source makes the same page."""
    return [
        f'.TH {text(name.upper())} {section} "" "{text(version)}"',
        ".SH NAME",
        rf"{text(name)} \- {text(summary)}",
    ]


def section(title: str, lines: Lines) -> Lines:
    """Return a section, or nothing where there is nothing to be said."""
    return [f".SH {title}", *lines] if lines else []


def subsection(title: str, lines: Lines) -> Lines:
    """Return a part of a section."""
    return [f'.SS "{text(title)}"', *lines]


def paragraphs(plain: str) -> Lines:
    """Return paragraphs, which empty lines divide."""
    found = [" ".join(each.split()) for each in re.split(r"\n\s*\n", plain.strip())]
    return [line for each in found if each for line in (".PP", text(each))]


def listed(named: Iterable[tuple[str, str]]) -> Lines:
    """Return a list of names, and what is said of each."""
    return [
        line
        for name, said in named
        for line in (".TP", rf"\fB{text(name)}\fR", text(" ".join(said.split())) or r"\&")
    ]


def example(lines: Iterable[str]) -> Lines:
    """Return lines as they stand."""
    return [".PP", ".in +4n", ".EX", *map(text, lines), ".EE", ".in"]
