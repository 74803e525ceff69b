"""Writes rows as a Parquet file, for DuckDB, pandas and others. Needs the extra `parquet`."""

from __future__ import annotations

import importlib.util
import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from indexer.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import BinaryIO

    from indexer.catalog.sql_reports import Kind, Value

    Row = tuple[Value, ...]

ROWS = 50_000
"""Rows in one row group: that many are in memory at a time."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?", re.ASCII)

_WHOLE = range(-(2**63), 2**63)
"""The range of a column of integers (64 bits, signed)."""


def is_there() -> bool:
    """Whether what writes Parquet is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def require() -> None:
    """Check that what writes Parquet is installed, before something is read for it.

    Raises:
        UsageError: it is not.
    """
    if not is_there():
        raise UsageError(
            "Parquet needs pyarrow: run pip install 'hub-indexer[parquet]', or use --format csv or "
            "jsonl."
        )


def kinds_of(names: Sequence[str], rows: Sequence[Row]) -> Mapping[str, Kind | None]:
    """Find out what each column holds from all its values, since SQLite does not declare types.

    Returns:
        The kind of each column by its name; None stands for numbers that are not all integers.
    """
    return {name: _kind([row[place] for row in rows]) for place, name in enumerate(names)}


def _kind(values: Iterable[Value]) -> Kind | None:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) and value in _WHOLE for value in known):
        return "integer"
    if known and all(isinstance(value, int | float) for value in known):
        return None
    if known and all(isinstance(value, str) and _TIME.fullmatch(value) for value in known):
        return "time"
    return "text"


def write(
    names: Sequence[str],
    kinds: Mapping[str, Kind | None],
    rows: Iterable[Row],
    out: BinaryIO,
) -> int:
    """Write the rows and return how many there were.

    Raises:
        UsageError: pyarrow is not installed.
    """
    require()
    import pyarrow as pa  # noqa: PLC0415 - it is optional
    from pyarrow import parquet  # noqa: PLC0415 - the same

    types: dict[Kind | None, tuple[Any, Callable[[Any], Any]]] = {
        "text": (pa.string(), str),
        "integer": (pa.int64(), int),
        "time": (pa.timestamp("us", tz="UTC"), _time),
        None: (pa.float64(), float),
    }
    chosen = [types[kinds[name]] for name in names]
    schema = pa.schema([(name, kind) for name, (kind, _) in zip(names, chosen, strict=True)])
    number = 0
    stream = iter(rows)
    with parquet.ParquetWriter(_Counting(out), schema, compression="zstd") as writer:
        while some := list(islice(stream, ROWS)):
            arrays = [
                pa.array([None if v is None else convert(v) for v in column], kind)
                for (kind, convert), column in zip(chosen, zip(*some, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            number += len(some)
    return number


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class _Counting:
    """A binary output that knows its position, which Parquet needs, also for a pipe."""

    closed = False

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._written = 0

    def write(self, data: Any) -> int:
        """Write, and count the bytes."""
        self._out.write(data)
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        """The position: how many bytes were written."""
        return self._written

    def flush(self) -> None:
        """Write out what is buffered."""
        self._out.flush()

    def close(self) -> None:
        """Flush only: whoever opened the output closes it."""
        self.flush()
