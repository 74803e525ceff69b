"""Build the documentation as a site: `python -m scripts.build_site [--outdir DIR]`.

The pages are those of the repository, and their links lead to files of it. So the sources of the
site are laid out as the repository is: each page, and each file that a page links to, at its own
path.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "build" / "site-source"
"""As mkdocs.yml has it."""

_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
_CODE_IN_TABLE = re.compile(r"(?<=`)[^`\n]*\\\|[^`\n]*(?=`)")


def pages() -> list[Path]:
    """The pages of the site."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def linked(page: Path) -> Iterator[Path]:
    """The files of the repository that a page links to."""
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / target).resolve()
        if ":" not in target and file.is_file() and file.is_relative_to(ROOT):
            yield file


def lay_out(folder: Path) -> None:
    """Copy the pages and what they link to."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        place = folder / page.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(converted(page.read_text(encoding="utf-8")), encoding="utf-8")
        for file in linked(page):
            if file.suffix != ".md":
                copy = folder / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def converted(text: str) -> str:
    """A page for Python-Markdown: in tables, code shows the backslash that GitHub takes away."""
    return "\n".join(
        _CODE_IN_TABLE.sub(lambda found: found[0].replace("\\|", "|"), line)
        if line.startswith("|")
        else line
        for line in text.split("\n")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Lay out the sources, and build the site; a warning of MkDocs is an error."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--outdir", type=Path, default=ROOT / "build" / "site")
    wanted = parser.parse_args(arguments)
    lay_out(SOURCE)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(wanted.outdir)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    if built.returncode == 0:
        print(f"The site is in {wanted.outdir}.")
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
