"""A dbt project that installs revrec as a package, made ready for a test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from warehouse import REPOSITORY


def install(source: Path, folder: Path) -> Path:
    """A copy of the project `source` in `folder`, with revrec installed by `dbt deps`.

    Args:
        source: a project whose packages.yml names `local: ../..`.
        folder: where the copy goes; it must not hold one yet.

    Raises:
        AssertionError: `dbt deps` did not link this repository.
    """
    copy = folder / "project"
    shutil.copytree(source, copy)
    replace(copy / "packages.yml", "local: ../..", f"local: {REPOSITORY}")
    command = [sys.executable, "-m", "dbt.cli.main", "deps", "--project-dir", str(copy)]
    done = subprocess.run(
        [*command, "--log-path", str(copy / "logs")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert (copy / "dbt_packages" / "revrec").resolve() == REPOSITORY
    return copy


def replace(file: Path, before: str, after: str) -> None:
    """Replace a text that a file holds once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {file}"
    file.write_text(text.replace(before, after), encoding="utf-8")
