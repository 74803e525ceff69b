"""The command line: parse, call, render. One command a file; what is heavy is imported in it.

In: words, and the environment by way of `config`.
Out: results on standard output, messages on standard error, an exit code.
May not: decide anything about lists, changes or policies; nor speak HTTP or SQL itself.

A command has a file of its name. What several commands use:

app                  the commands together
context              what every command has: its options, the settings, the index, the terminal
entry_point          runs a command and turns whatever happens into a sentence and a code
options              the options that more than one command has
completion           names for the shell to complete
logging_setup        messages on standard error
name_lookup          what a person named, found in the index
namespace_arguments  which namespaces a person means
crawl_namespaces     crawls on a command's behalf
console_reporter     what a command says of crawls, of judging and of notifying
progress             who watches a crawl
progress_line        the line on a terminal that shows it
demo_database        the index that `indexer demo` makes
"""

from indexer.cli.entry_point import main, run

__all__ = ["main", "run"]
