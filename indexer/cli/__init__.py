"""The command line: parse, call, render.

Each command has its own file and imports what is slow inside its function.

In: command-line arguments, and the environment through `config`.
Out: results on standard output, messages on standard error, an exit code.
May not: decide anything about lists, changes or policies; send HTTP requests or run SQL itself.

The file of a command is named after it. Files that several commands use:

app                  the Typer application; loads the command that was typed
context              options of every command, settings, index, terminal, clock
entry_point          runs a command; turns errors into a message and an exit code
options              options that more than one command has
option_bundles       options that come together, of lists and of answers
completion           names for shell completion
logging_setup        messages on standard error
answer_age           says how fresh an answer is; --max-age
image_arguments      images and files that commands are given
name_lookup          finds a typed name in the index
namespace_arguments  finds the registry of each typed namespace
crawl_namespaces     crawls namespaces for a command
console_reporter     prints what crawls, policies and notifications did
progress             shows the progress of a crawl
progress_line        the progress line on a terminal
demo_database        the index that `indexer demo` creates
"""

from indexer.cli.entry_point import main, run

__all__ = ["main", "run"]
