"""`python -m indexer` and the installed command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from indexer.cli import run  # noqa: PLC0415 - keeps `import indexer` free of side effects

    run()


if __name__ == "__main__":
    main()
