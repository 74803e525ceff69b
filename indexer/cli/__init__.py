"""The command line: parse, call, render. One command a file; what is heavy is imported in it.

app          the commands together
context      what every command has: its options, the settings, the index, the terminal
entry_point  runs a command and turns whatever happens into a sentence and a code
"""

from indexer.cli.entry_point import main, run

__all__ = ["main", "run"]
