"""`indexer config`: check the configuration, and show what is in force."""

from typing import Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import FormatOption, TableOrJsonOption
from indexer.render.formats import Format, TableOrJson

app = typer.Typer(
    name="config",
    help="Check the configuration, and show what is in force.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("check")
@command
def check(session: CommandContext, *, form: TableOrJsonOption = TableOrJson.TABLE) -> None:
    """Say what is wrong or missing in the configuration, without a network.

    Looks at the file, at the variables and files that it names, at certificates, and at the
    addresses of sinks. Exit code 2 if the file has a mistake, 1 if something is missing.

    Examples:
      indexer config check
      indexer config check --config prod.toml --json
    """
    from indexer.bootstrap.configuration_review import review  # noqa: PLC0415 - help must not wait for it
    from indexer.core.humanize import count  # noqa: PLC0415 - the same
    from indexer.core.printable import shown  # noqa: PLC0415 - the same
    from indexer.render.output import as_json  # noqa: PLC0415 - the same
    from indexer.render.records.configuration import ConfigurationFinding  # noqa: PLC0415 - the same

    settings = session.settings
    found = [ConfigurationFinding(*each) for each in review(settings, session.clock)]
    file = shown(str(settings.file)) if settings.file else None
    if form is TableOrJson.JSON:
        answer = {"file": file, "ok": not found, "findings": found}
        session.out.write(as_json(answer, indent=2) + "\n")
    else:
        session.out.writelines(f"{each.place}: {each.problem}\n" for each in found)
    if found:
        raise typer.Exit(1)
    if form is TableOrJson.TABLE:
        parts = (
            count(len(settings.namespaces()), "namespace"),
            count(len(settings.sinks), "sink"),
            count(len(settings.policies), "policy", "policies"),
        )
        session.done(f"{file or 'no file: the defaults'}: ok ({', '.join(parts)})")


@app.command("show")
@command
def show(
    session: CommandContext,
    *,
    no_defaults: Annotated[
        bool, typer.Option("--no-defaults", help="Only what a file or a variable sets.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show every key in force, and where its value comes from. Secrets are masked.

    Examples:
      indexer config show --no-defaults
      indexer config show --json
    """
    from indexer.config.origins import DEFAULT, values_in_force  # noqa: PLC0415 - help must not wait for it
    from indexer.render.configuration import values  # noqa: PLC0415 - the same
    from indexer.render.records.configuration import ConfiguredValue  # noqa: PLC0415 - the same

    rows = (
        ConfiguredValue(*each)
        for each in values_in_force(session.common.config)
        if not (no_defaults and each.origin == DEFAULT)
    )
    if not session.write(rows, values(), form):
        session.note("everything is as by default.")
