"""A source is a room under models/staging and a line in the registry, and nothing else.

No model right of staging names a source, and without a room the project parses and builds.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from warehouse import REPOSITORY, Warehouse

ROOMS = tuple(sorted(path.name for path in (REPOSITORY / "models" / "staging").iterdir()))
SOURCES = tuple(room for room in ROOMS if room != "finance")
RIGHT_OF_STAGING = ("models/intermediate", "models/marts")
# DECISIONS.md says why: the scale of amounts that count minor units by a table of exponents of
# their own is a value of the canonical column amount_scale, named after who made that table.
ALLOWED = re.compile(r"stripe_minor(_units)?\b")
# Examples have rows, and rows have a source.
EXAMPLES = re.compile(r"__unit_tests(__\w+)?\.yml$")


def test_no_model_right_of_staging_names_a_source() -> None:
    """Facts arrive in canonical shapes: who sends them makes no difference."""
    names = re.compile(rf"(?<![a-z])({'|'.join(SOURCES)})(?![a-z])", re.IGNORECASE)
    found = []
    for folder in RIGHT_OF_STAGING:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_dir() or EXAMPLES.search(path.name):
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if names.search(ALLOWED.sub("", line)):
                    found.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_every_room_is_in_the_registry() -> None:
    """And each line of the registry has its room."""
    assert set(registry_lines(REPOSITORY)) == set(SOURCES)


def registry_lines(project: Path) -> dict[str, str]:
    """The entry of each source in macro source_registry, as text."""
    text = (project / "macros" / "project" / "vars.sql").read_text(encoding="utf-8")
    body = text[text.index("macro source_registry") : text.index("macro enabled_sources")]
    entry = re.compile(
        r'^ {8}"(\w+)": (?:.*?)\],\n|^ {8}"(\w+)": (?:.*?)\],?\n(?= {4}\}\))', re.M | re.S
    )
    return {match[1] or match[2]: match[0] for match in entry.finditer(body)}


@pytest.fixture
def without(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A copy of the project without a room, its registry line and its sample exports."""
    room: str = request.param
    copy = tmp_path / "project"
    copy.mkdir()
    shutil.copy(REPOSITORY / "dbt_project.yml", copy)
    for part in ("models", "macros", "seeds", "tests", "analyses"):
        shutil.copytree(REPOSITORY / part, copy / part)
    shutil.rmtree(copy / "models" / "staging" / room)
    macros = copy / "macros" / "project" / "vars.sql"
    text = macros.read_text(encoding="utf-8")
    line = registry_lines(copy)[room]
    assert text.count(line) == 1
    macros.write_text(text.replace(line, ""), encoding="utf-8")
    yield copy, room


@pytest.mark.parametrize("without", SOURCES, indirect=True, ids=lambda room: f"without_{room}")
def test_the_project_parses_without_a_room(
    duckdb_warehouse: Warehouse, without: tuple[Path, str]
) -> None:
    """The other rooms are still there."""
    project, room = without
    variables = {"sources": [name for name in SOURCES if name != room]}
    duckdb_warehouse.build("parse", vars=variables, project_dir=project).check()


@pytest.mark.parametrize("without", ["lago"], indirect=True)
def test_the_project_builds_without_a_room(
    duckdb_warehouse: Warehouse, without: tuple[Path, str]
) -> None:
    """The sample company without one of its sources."""
    project, room = without
    variables = {"sources": [name for name in SOURCES if name != room]}
    options = ("build", "--exclude-resource-type", "unit_test")
    duckdb_warehouse.build(*options, vars=variables, project_dir=project).check()
    assert room not in {row["source_system"] for row in duckdb_warehouse.table("rec_completeness")}
