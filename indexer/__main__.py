"""`python -m indexer` and the installed command."""

from __future__ import annotations

import gc
import sys

GARBAGE = 200_000
"""Objects that may be made before Python looks for cycles among them. By itself it looks after 700:
some hundred times while a command is loaded, when all that is made stays. That are up to 140,000.
"""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(GARBAGE)

    try:
        from indexer.cli import run  # noqa: PLC0415 - keeps `import indexer` free of side effects
    except KeyboardInterrupt:
        from indexer.core.keyboard_interrupt import INTERRUPTED  # noqa: PLC0415 - it ends here

        sys.exit(INTERRUPTED)  # nothing was begun, and nothing is there yet to say so with

    run()


if __name__ == "__main__":
    main()
