"""The formats there are. In a module of its own: help must know their names, and no more."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How values are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class TableOrJson(StrEnum):
    """How one structured answer is written."""

    TABLE = "table"
    JSON = "json"


class AnswerFormat(StrEnum):
    """How the answer to a question in SQL is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class FileFormat(StrEnum):
    """How views are written into files."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"
