"""`indexer violations`: list and acknowledge violations of policies."""

from typing import TYPE_CHECKING, Annotated

import typer

from indexer.cli.completion import complete_policy
from indexer.cli.context import CommandContext, command
from indexer.cli.option_bundles import Listing, Scope
from indexer.cli.options import DryRunOption, FormatOption, MaxAgeOption
from indexer.core.errors import UsageError
from indexer.render.formats import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.policies.ports import EvaluationStore
    from indexer.policies.violation import Severity, Violation

SEVERITIES = "low, medium, high, critical"
"""Those of `indexer.policies`. Repeated so that help stays fast; a test compares."""


def _severity(text: str) -> str:
    if text not in SEVERITIES.split(", "):
        raise typer.BadParameter(f"'{text}' is not one of {SEVERITIES}")
    return text


@command
def violations(  # noqa: PLR0913, PLR0917 - each is an option of the command
    session: CommandContext,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only violations of this policy.",
            autocompletion=complete_policy,
            show_default=False,
        ),
    ] = None,
    least: Annotated[
        str,
        typer.Option(
            "--severity", metavar="SEVERITY", help=f"This severity and worse: {SEVERITIES}.",
            parser=_severity,
        ),
    ] = "low",
    acknowledge: Annotated[
        list[int] | None,
        typer.Option(
            metavar="ID", help="Acknowledge this violation. May be repeated.", show_default=False
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why it is acknowledged.", show_default=False)
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who acknowledges: one of 'people' in [violations]. Not needed if it names one.",
            show_default=False,
        ),
    ] = None,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="Forget a policy that is no longer configured; its violations stay.",
            show_default=False,
        ),
    ] = None,
    *,
    dry_run: DryRunOption = False,
    scope: Scope,
    listing: Listing,
    everything: Annotated[
        bool, typer.Option("--all", help="Also show acknowledged and resolved ones.")
    ] = False,
    max_age: MaxAgeOption = None,
    form: FormatOption = Format.TABLE,
) -> None:  # fmt: skip
    """List violations of the policies, or acknowledge them.

    The policies are evaluated first. Exit code 1 while a violation is open, or a policy is about
    what it cannot judge: tags whose digest is not known, hidden repositories.

    Examples:
      indexer violations --severity high
      indexer violations --acknowledge 12 --reason 'rebuilt on purpose' --by alice
    """
    from indexer.cli import name_lookup  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.answer_age import AnswerAge  # noqa: PLC0415 - help must not wait for it
    from indexer.cli.console_reporter import ConsoleReporter, judge_of  # noqa: PLC0415 - help must not wait for it
    from indexer.policies import blind_spots  # noqa: PLC0415 - the same
    from indexer.policies.evaluation import locator, matching_nothing, unjudged_pins  # noqa: PLC0415 - the same
    from indexer.policies.violation import Severity  # noqa: PLC0415 - the same
    from indexer.render import violations as render  # noqa: PLC0415 - the same

    with session.index() as store:
        if forget is not None:
            _forget(session, store.evaluations, forget, dry_run=dry_run)
            return
        if policy is not None:
            _check_policy(session, store.evaluations, policy)
        age = AnswerAge(session, store.catalog, max_age)
        with judge_of(session, store, ConsoleReporter(session, store)) as judge:
            judge.judge()
        if acknowledge:
            _acknowledge(session, store.evaluations, acknowledge, reason, by, dry_run=dry_run)
        elif reason or by:
            raise UsageError("--reason and --by need --acknowledge ID.")
        policies, locate = session.settings.policies, locator(store.catalog)
        for warning in matching_nothing(store.evaluations, policies):
            session.complain(warning)
        asked = [each for each in policies if policy in {None, each.name}]
        hidden = [each for each in store.catalog.repositories() if each.hidden_since]
        unseen = list(blind_spots.sentences(asked, store.catalog.unresolved_tags(), hidden))
        unseen += unjudged_pins(store.evaluations, asked, locate)
        for sentence in unseen:
            session.complain(sentence)
        found = store.evaluations.violations(only_open=not everything, policy=policy)
        wanted = name_lookup.resolved(store.catalog, scope)
    found = [each for each in _at_least(found, Severity(least)) if _is_of(each, wanted)]
    number = session.write(found, render.shape(), form, listing)
    if not policies:
        _without_policies(session, listed=bool(found))
    elif not number:
        session.note("no violations in what could be judged." if unseen else "no violations.")
    age.tell()
    if unseen or any(each.is_open for each in found):
        raise typer.Exit(1)


def _at_least(found: "Sequence[Violation]", least: "Severity") -> "list[Violation]":
    return [each for each in found if each.found.severity.rank >= least.rank]


def _is_of(violation: "Violation", scope: Scope) -> bool:

    found = violation.found
    return scope.holds(found.registry, found.repository, found.tag)


def _check_policy(session: CommandContext, evaluations: "EvaluationStore", name: str) -> None:
    """Check that a policy that was typed is configured, or left violations in the index.

    Raises:
        UsageError: there is no such policy; the message names those that there are.
    """
    from indexer.core.printable import shown  # noqa: PLC0415 - help must not wait for it
    from indexer.policies.policy import THE_HUBS  # noqa: PLC0415 - the same

    found = evaluations.violations(only_open=False)
    names = {THE_HUBS, *(each.name for each in session.settings.policies)}
    names |= {each.found.policy for each in found}
    if name not in names:
        there_are = ", ".join(f"'{shown(each)}'" for each in sorted(names))
        raise UsageError(f"there is no policy '{shown(name)}'; there are {there_are}.")


def _without_policies(session: CommandContext, *, listed: bool) -> None:
    """Say that no policy is configured.

    Raises:
        UsageError: nothing is listed either: "no violations" would be an answer without a question.
    """
    where = session.settings.file or "indexer.toml"
    sentence = f"no policy is configured: add a [[policy]] to {where}."
    if not listed:
        raise UsageError(sentence)
    session.complain(sentence)


def _forget(
    session: CommandContext, evaluations: "EvaluationStore", name: str, *, dry_run: bool
) -> None:
    """Delete a policy's cursor from the index; its violations stay.

    Raises:
        UsageError: it is configured, or the index does not know it.
    """
    from indexer.cli.notify import no_such  # noqa: PLC0415 - help must not wait for it
    from indexer.policies.policy import THE_HUBS  # noqa: PLC0415 - the same

    if name == THE_HUBS:
        raise UsageError(f"the policy '{name}' is Docker Hub's own and always exists.")
    if any(each.name == name for each in session.settings.policies):
        raise UsageError(f"the policy '{name}' is configured: remove its [[policy]] first.")
    known = [each.name for each in evaluations.policies(session.now())]
    if name not in known or not (dry_run or evaluations.forget(name)):
        raise UsageError(no_such("policy", name, [each for each in known if each != THE_HUBS]))
    if dry_run:
        session.note(f"would forget the policy '{name}'.")
        return
    session.note(f"forgot the policy '{name}'; its violations stay.")


def _acknowledge(
    session: CommandContext,
    evaluations: "EvaluationStore",
    numbers: list[int],
    reason: str | None,
    by: str | None,
    *,
    dry_run: bool,
) -> None:
    """Acknowledge violations.

    Raises:
        UsageError: the person or the reason is missing, or there is no such violation.
    """
    people = session.settings.people
    if not people:
        where = session.settings.file or "indexer.toml"
        raise UsageError(
            "no one may acknowledge violations yet: list 'people' in the section [violations] of "
            f"{where}."
        )
    if by is None and len(people) == 1:
        by = people[0]
    if by not in people:
        raise UsageError(f"--by takes one of {', '.join(people)}.")
    if not (reason and reason.strip()):
        raise UsageError("--reason is missing: say why it is acknowledged.")
    known = {each.id: each for each in evaluations.violations(only_open=False)}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise UsageError(f"there is no violation {missing[0]}.")
    for number in numbers:
        if dry_run:
            session.note(f"violation {number} would be acknowledged by {by}.")
            continue
        evaluations.acknowledge(number, by, reason.strip(), session.now())
        session.note(f"violation {number} is acknowledged by {by}.")
