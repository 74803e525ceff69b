"""`indexer violations`: what is against the policies, and who said that it may stay."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.context import CommandContext, command
from indexer.cli.options import FormatOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.policies.ports import EvaluationStore
    from indexer.policies.violation import Severity, Violation

SEVERITIES = "low, medium, high, critical"
"""Those of `indexer.policies`, which help must not wait for; a test compares."""


def _severity(text: str) -> str:
    if text not in SEVERITIES.split(", "):
        raise typer.BadParameter(f"'{text}' is none of {SEVERITIES}")
    return text


@command
def violations(  # noqa: PLR0913, PLR0917 - each is an option of the command
    session: CommandContext,
    policy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this policy.", show_default=False)
    ] = None,
    least: Annotated[
        str,
        typer.Option(
            "--severity", metavar="SEVERITY", help=f"These and worse: {SEVERITIES}.",
            parser=_severity,
        ),
    ] = "low",
    acknowledge: Annotated[
        list[int] | None,
        typer.Option(
            metavar="ID", help="Say that this one may stay. May be repeated.", show_default=False
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why it may stay.", show_default=False)
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who says so: one of 'people' of [violations]; needless if there is only one.",
            show_default=False,
        ),
    ] = None,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="Let nobody wait any more for a policy that has left the configuration.",
            show_default=False,
        ),
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are acknowledged or resolved.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:  # fmt: skip
    """List what is against the policies, or say that it may stay.

    Whatever was not judged yet is judged first. Exit code 1 while any is open, for CI.
    """
    from indexer.cli.console_reporter import ConsoleReporter, judge_of  # noqa: PLC0415 - help must not wait for it
    from indexer.policies.evaluation import locator, matching_nothing  # noqa: PLC0415 - the same
    from indexer.policies.violation import Severity  # noqa: PLC0415 - the same
    from indexer.render import violations as render  # noqa: PLC0415 - the same
    from indexer.render.output import write  # noqa: PLC0415 - the same

    with session.index() as store:
        if forget is not None:
            _forget(session, store.evaluations, forget)
            return
        with judge_of(session, store, ConsoleReporter(session, store)) as judge:
            judge.judge()
        if acknowledge:
            _acknowledge(session, store.evaluations, acknowledge, reason, by)
        elif reason or by:
            raise UsageError("--reason and --by belong to --acknowledge ID.")
        policies, locate = session.settings.policies, locator(store.catalog)
        for warning in matching_nothing(store.evaluations, policies, locate):
            session.complain(warning)
        found = store.evaluations.violations(only_open=not everything, policy=policy)
    found = _at_least(found, Severity(least))
    number = write(found, render.shape(), form, session.out, session.width)
    if not number:
        session.note("nothing is against a policy.")
    if any(each.is_open for each in found):
        raise typer.Exit(1)


def _at_least(found: "Sequence[Violation]", least: "Severity") -> "list[Violation]":
    return [each for each in found if each.found.severity.rank >= least.rank]


def _forget(session: CommandContext, evaluations: "EvaluationStore", name: str) -> None:
    """Take a policy out of the index; what it found stays.

    Raises:
        UsageError: it is in use here, or the index does not know it.
    """
    from indexer.cli.notify import no_such  # noqa: PLC0415 - help must not wait for it
    from indexer.policies.policy import THE_HUBS  # noqa: PLC0415 - the same

    if name == THE_HUBS:
        raise UsageError(f"the policy '{name}' is Docker Hub's own: it is always there.")
    if any(each.name == name for each in session.settings.policies):
        raise UsageError(f"the policy '{name}' is configured: take its [[policy]] out first.")
    known = [each.name for each in evaluations.policies(session.now())]
    if not evaluations.forget(name):
        raise UsageError(no_such("policy", name, [each for each in known if each != THE_HUBS]))
    session.note(f"the policy '{name}' is forgotten; what it found stays.")


def _acknowledge(
    session: CommandContext,
    evaluations: "EvaluationStore",
    numbers: list[int],
    reason: str | None,
    by: str | None,
) -> None:
    """Note who says that violations may stay, and why.

    Raises:
        UsageError: nobody says so, for no reason, or there is no such violation.
    """
    people = session.settings.people
    if not people:
        where = session.settings.file or "indexer.toml"
        raise UsageError(
            "nobody may acknowledge violations yet: name 'people' in the section [violations] of "
            f"{where}."
        )
    if by is None and len(people) == 1:
        by = people[0]
    if by not in people:
        raise UsageError(f"--by takes one of {', '.join(people)}.")
    if not (reason and reason.strip()):
        raise UsageError("--reason is missing: say why it may stay.")
    known = {each.id: each for each in evaluations.violations(only_open=False)}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise UsageError(f"there is no violation {missing[0]}.")
    for number in numbers:
        evaluations.acknowledge(number, by, reason.strip(), session.now())
        session.note(f"violation {number} is acknowledged by {by}.")
