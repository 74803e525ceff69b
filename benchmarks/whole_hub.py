"""The whole Docker Hub on paper: writes the tables of docs/whole-hub.md.

    python -m benchmarks.whole_hub [--scale 0.01] [--page docs/whole-hub.md]

What is assumed and what is measured are tables of the page themselves. Every other figure is
computed from them, so `tests/documents/test_whole_hub.py` computes it again.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import freshness_at_size, measure, partitions, whole_hub_inputs
from benchmarks.freshness_at_size import REPOSITORIES
from benchmarks.whole_hub_inputs import ASSUMED_BECAUSE, MEASURED_HOW, Assumed, Measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.freshness_at_size import Row
    from benchmarks.partitions import Trial

PAGE = measure.ROOT / "docs" / "whole-hub.md"

DAY = 86_400
YEAR = 365.25
GB = 1e9

IDENTITIES = (1, 10, 100)
TRIED_TAGS = 300_000

MOST_SECONDS = 180
MOST_MIB = 1_024
"""What the simulation of all repositories may take."""

_BLOCK = re.compile(r"(<!-- computed: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_VALUE = re.compile(r"^\| `(\w+)` \| ([\d,.]+) \|", re.MULTILINE)


def computed(assumed: Assumed, measured: Measured) -> dict[str, str]:
    """The tables that follow from the inputs alone, by name; the inputs themselves too."""
    return {
        "assumed": _inputs(assumed, ASSUMED_BECAUSE),
        "measured": _inputs(measured, MEASURED_HOW),
        "requests": _requests(assumed),
        "verification": _verification(assumed),
        "storage": _storage(assumed, measured),
        "machine": _machine(assumed, measured),
    }


def inputs_of(page: str) -> tuple[Assumed, Measured]:
    """The inputs that a page has in its tables."""
    values = {name: float(number.replace(",", "")) for name, number in _VALUE.findall(page)}
    return (
        Assumed(**{name: values[name] for name in Assumed._fields}),
        Measured(**{name: values[name] for name in Measured._fields}),
    )


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """The page with its tables replaced by these; the others stay as they are."""
    return _BLOCK.sub(
        lambda found: found[1] + blocks[found[2]] + found[3] if found[2] in blocks else found[0],
        page,
    )


def blocks_of(page: str) -> dict[str, str]:
    """The tables of a page, by name."""
    return {
        found[2]: found[0].removeprefix(found[1]).removesuffix(found[3])
        for found in _BLOCK.finditer(page)
    }


def _inputs(values: Assumed | Measured, why: Mapping[str, str]) -> str:
    given = values._asdict()
    return _table(
        ("input", "value", ""),
        (
            (f"`{name}`", f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}", why[name])
            for name, value in given.items()
        ),
    )


def _requests(assumed: Assumed) -> str:
    """How long each task takes for some identities."""
    lists = assumed.namespaces + assumed.repositories / assumed.page
    least = lists + assumed.repositories
    tasks = {
        "look at every namespace again, nothing changed": assumed.namespaces,
        "the same, and open what one day of pushes moved, at most": (
            assumed.namespaces + assumed.pushes_a_day
        ),
        "verify every repository": least,
        "first read, at least: one page of tags for each repository": least,
        "first read, at most: tags spread so that most lists end in a page of few": (
            least + assumed.tags / assumed.page
        ),
        "ask for every tag by itself, as without lists": assumed.tags,
    }
    rows = [
        (task, f"{requests:,.0f}", *(_days(requests / _a_day(assumed, n)) for n in IDENTITIES))
        for task, requests in tasks.items()
    ]
    manifests = assumed.tags / assumed.tags_to_a_digest
    fetched = [_days(manifests / (assumed.manifests_in_six_hours * 4 * n)) for n in IDENTITIES]
    rows.append(("fetch every manifest (`GET`, a pull)", f"{manifests:,.0f}", *fetched))
    return _table(("task", "requests", *_identities()), rows)


def _verification(assumed: Assumed) -> str:
    """How long a cycle of `--verify` takes, if it gets a share of the requests."""
    rows = [
        (
            f"{share:.0%}",
            *(_days(assumed.repositories / (share * _a_day(assumed, n))) for n in IDENTITIES),
        )
        for share in (1.0, 0.5, 0.1, 0.01)
    ]
    return _table(("share of the requests for verifying", *_identities()), rows)


def _storage(assumed: Assumed, measured: Measured) -> str:
    """Bytes of the index, and of what it takes besides."""
    retags = assumed.pushes_a_day * assumed.tags_a_push
    sizes = {
        "`least_bytes_a_tag`": assumed.least_bytes_a_tag,
        "`most_bytes_a_tag`": assumed.most_bytes_a_tag,
        "SQLite, measured": measured.sqlite_bytes_a_tag,
        "PostgreSQL, measured": measured.postgresql_bytes_a_tag,
    }
    rows: list[tuple[str, ...]] = [
        (
            f"the index, {name} ({size:,.0f} bytes a tag)",
            _gigabytes(size * assumed.tags),
            f"{size * assumed.tags / (assumed.disk_mb_a_second * 1e6) / 3_600:,.1f} hours",
        )
        for name, size in sizes.items()
    ]
    share = measured.postgresql_bytes_of_indexes / measured.postgresql_bytes_a_tag
    rows += [
        (
            f"of it in PostgreSQL's indexes ({share:.0%})",
            _gigabytes(measured.postgresql_bytes_of_indexes * assumed.tags),
            "",
        ),
        (
            "write-ahead log of PostgreSQL for the first read, archived",
            _gigabytes(measured.postgresql_bytes_of_wal * assumed.tags),
            "",
        ),
        (
            "changes and periods, a year, SQLite",
            _gigabytes(measured.sqlite_bytes_a_retag * retags * YEAR),
            "",
        ),
        (
            "changes and periods, a year, PostgreSQL before vacuum",
            _gigabytes(measured.postgresql_bytes_a_retag * retags * YEAR),
            "",
        ),
    ]
    return _table(("what", "size", "a backup of it reads for"), rows)


def _machine(assumed: Assumed, measured: Measured) -> str:
    """CPU of one core, and memory."""
    pages = assumed.repositories
    seconds = {
        "first read: fetch, decode, compare, write to SQLite": (
            pages * measured.crawl_cpu_ms_a_page / 1e3
        ),
        "of it to compare and write, SQLite": assumed.tags * measured.sqlite_cpu_us_a_tag / 1e6,
        "to compare and write, PostgreSQL with its server": (
            assumed.tags * measured.postgresql_cpu_us_a_tag / 1e6
        ),
        "read the configuration with every namespace": (
            assumed.namespaces * measured.config_us_a_namespace / 1e6
        ),
        "decide once which namespaces are due": (
            assumed.namespaces * measured.tick_us_a_namespace / 1e6
        ),
    }
    rows = [(what, _duration(each)) for what, each in seconds.items()]
    for repositories in (20_000, 1_000_000):
        mib = repositories * measured.listing_kib_a_repository / 1_024
        what = f"memory to list a namespace of {repositories:,} repositories, over an empty one"
        rows.append((what, f"{mib:,.0f} MiB"))
    return _table(("what", "takes"), rows)


def tried(trial: Trial) -> dict[str, str]:
    """What partitions by repository were found to need and to cost."""
    answers = [
        (f"`{each.table}`", each.by, each.refusal or "possible as it is") for each in trial.answers
    ]
    costs = [
        (each.what, f"{each.plain:,.3f}", f"{each.divided:,.3f}", each.divided / each.plain)
        for each in trial.costs
    ]
    plain, divided = (each / trial.tags for each in (trial.bytes_plain, trial.bytes_divided))
    what = "bytes of a tag in this table and its indexes"
    costs.append((what, f"{plain:,.0f}", f"{divided:,.0f}", divided / plain))
    head = (f"{trial.tags:,} tags", "one table", f"{trial.partitions} partitions", "times")
    return {
        "keys": _table(("table", "divided by", "PostgreSQL says"), answers),
        "partitions": _table(head, ((*shown, f"{times:.1f}") for *shown, times in costs)),
    }


def simulated(rows: Sequence[Row]) -> dict[str, str]:
    """The shares of changes that are seen in time."""
    return {
        what: _table(
            ("rates", "requests a day", "order", "within an hour", "a day", "30 days"),
            (
                (
                    row.world.partition(", ")[2],
                    f"{row.requests:,.0f}",
                    row.policy,
                    *(f"{100 * each:.1f} %" for each in (row.hour, row.day, row.month)),
                )
                for row in rows
                if row.world.startswith(what)
            ),
        )
        for what in ("pushes", "silent")
    }


def verdicts(scale: float) -> Iterator[measure.Verdict]:
    """What simulating the whole Hub takes, and what our order gains."""
    number = measure.scaled(REPOSITORIES, scale, least=10_000)
    with measure.folder() as folder:
        command = [sys.executable, "-m", "benchmarks.freshness_at_size"]
        took = measure.run([*command, "--repositories", str(number)], folder, cwd=measure.ROOT)
        said = (folder / "out").read_text(encoding="utf-8")
    what = f"freshness of {number:,} repositories"
    yield measure.Verdict(f"{what}: s of CPU to simulate", took.cpu, MOST_SECONDS)
    yield measure.Verdict(f"{what}: MiB to simulate", took.peak, MOST_MIB)
    for world in ("pushes, Zipf 1", "silent, Zipf 1"):
        turns, mine = (_shares(said, f"{world}: {policy}") for policy in ("round robin", "ours"))
        yield measure.Verdict(
            f"{what}: {world}, changes not seen within a day, to round robin",
            (1 - mine) / (1 - turns),
            1,
            f"{mine:.1%} of them seen, by round robin {turns:.1%}",
        )


def _shares(said: str, row: str) -> float:
    """The share within a day of a row that `freshness_at_size` printed, for the fewest requests."""
    line = next(line for line in said.splitlines() if line.startswith(row))
    return float(re.findall(r"([\d.]+)%", line)[1]) / 100


def _a_day(assumed: Assumed, identities: int) -> float:
    return assumed.requests_a_minute * DAY / 60 * identities


def _identities() -> list[str]:
    return [f"{n:,} {'identity' if n == 1 else 'identities'}" for n in IDENTITIES]


def _days(days: float) -> str:
    return _duration(days * DAY)


def _duration(seconds: float) -> str:
    """In the largest unit of which there are at least two."""
    for unit, length in (("years", YEAR * DAY), ("days", DAY), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{_short(seconds / length)} {unit}"
    return f"{_short(seconds)} seconds"


def _short(value: float) -> str:
    """Two digits of a small number, and no decimals of a large one."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.2g}"


def _gigabytes(size: float) -> str:
    return f"{size / GB:,.0f} GB"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)


def main() -> int:
    """Measure, try and simulate, and write the tables into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_hub")
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes; 0.01 takes seconds")
    parser.add_argument("--page", type=Path, help="the page to write the tables into")
    wanted = parser.parse_args()
    blocks = computed(Assumed(), whole_hub_inputs.measured(wanted.scale))
    blocks |= tried(partitions.trial(measure.scaled(TRIED_TAGS, wanted.scale, least=2_000)))
    number = measure.scaled(REPOSITORIES, wanted.scale, least=10_000)
    blocks |= simulated(list(freshness_at_size.rows(number)))
    for name, text in blocks.items():
        print(f"{name}\n\n{text}")
    if wanted.page:
        text = wanted.page.read_text(encoding="utf-8")
        wanted.page.write_text(filled(text, blocks), encoding="utf-8")
    print(f"{time.process_time():.0f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
