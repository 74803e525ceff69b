"""Run the commands of other clients with `indexer serve`, and write the table of docs/serve.md.

python docs/clients.py
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.web.client_commands import COMMANDS, run, site_for_clients, table, version

PAGE = Path(__file__).with_name("serve.md")


def main() -> int:
    """Run them all; the exit code is 1 if one does not do what it must."""
    failed = []
    with TemporaryDirectory() as scratch, site_for_clients(Path(scratch)) as host:
        for number, each in enumerate(COMMANDS):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            code, told = run(each, host, folder)
            if (code != 0) != each.fails or each.shows not in told:
                failed.append(f"{each.client} {each.arguments}: exit code {code}: {told}")
    sys.stderr.writelines(f"{each}\n" for each in failed)
    if failed:
        return 1
    lines = table({client: version(client) for client in {each.client for each in COMMANDS}})
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(r"\| client \| version \|.*?(?=\n\n)", re.DOTALL)
    PAGE.write_text(pattern.sub("\n".join(lines), text, count=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
