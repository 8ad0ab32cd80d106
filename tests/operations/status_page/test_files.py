"""The page's files: what is served, and that a browser is let do nothing but what it needs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from procall_mobility.operations.status_page import files
from procall_mobility.operations.status_page.files import HEADERS, POLICY, TYPES, file_pages

STATIC = Path(files.__file__).parent / "static"
PAGES = file_pages()
OURS = [path for path in sorted(STATIC.iterdir()) if path.suffix in TYPES]
INDEX = (STATIC / "index.html").read_text("utf-8")


class Seen(HTMLParser):
    """Collects the attributes of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(INDEX)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_is_at_the_root_and_open() -> None:
    told = PAGES[b"/"].tell()
    assert (told.status, told.content_type) == (200, "text/html; charset=utf-8")
    assert all(page.is_open and not page.acts for page in PAGES.values())


def test_all_files_are_served_but_those_for_people_who_read_the_source() -> None:
    served = {"index.html" if path == b"/" else path[1:].decode() for path in PAGES}
    there = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    assert there - served == {"uplot/LICENSE", "uplot/README.md"}
    assert served <= there


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed() -> None:
    rules = dict(rule.partition(" ")[::2] for rule in POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "img-src")} == {
        "'self'"
    }
    assert rules["frame-ancestors"] == rules["form-action"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in POLICY and "data:" not in POLICY and "http" not in POLICY


@pytest.mark.parametrize("path", sorted(PAGES))
def test_every_file_has_the_headers_and_a_tag(path: bytes) -> None:
    headers = PAGES[path].tell().headers
    assert headers.items() >= HEADERS.items()
    assert re.fullmatch('"[0-9a-f]{32}"', headers["ETag"])


def test_the_page_asks_for_nothing_the_policy_forbids() -> None:
    for tag, attributes in Seen().found:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        for name in ("src", "href"):
            target = attributes.get(name) or ""
            assert "//" not in target
            if target and not target.startswith("#"):
                assert f"/{target}".encode() in PAGES


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".js"], ids=str)
def test_text_never_becomes_markup_or_code(path: Path) -> None:
    """What customers' servers call themselves is shown, too."""
    source = path.read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", source
    )
    assert not re.search(r"https?://|document\.cookie", source)
    for target in re.findall(r'from "\./([^"]+)"', source):
        assert f"/{target}".encode() in PAGES


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_each_file_is_one_idea(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= 300


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_colours_have_the_contrast_they_promise(theme: int) -> None:
    """WCAG 2.2, 1.4.3 for text, 1.4.11 for lines of plots."""
    styles = (STATIC / "colours.css").read_text("utf-8")
    block = re.split(r"color-scheme: \w+;", styles)[theme + 1]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})\b", block))

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for surface in ("page", "surface", "sunk"):
        for text in ("text", "muted", "accent"):
            assert contrast(text, surface) >= 4.5
        for line in ("one", "two"):
            assert contrast(line, surface) >= 3
    assert contrast("on-accent", "accent") >= 4.5
    for mood in ("good", "warning", "bad"):
        assert contrast(mood, f"{mood}-back") >= 4.5
        assert contrast(mood, "surface") >= 4.5


def test_the_dark_colours_are_the_same_whoever_asks_for_them() -> None:
    blocks = (STATIC / "colours.css").read_text("utf-8").split("color-scheme: dark;")[1:]
    first, second = (block.partition("}")[0].split() for block in blocks)
    assert first == second
