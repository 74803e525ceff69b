"""Schedules of registries and of single namespaces, each overriding the more general one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from indexer.config.section import read_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config.section import Problems, Readers
    from indexer.config.settings import ScheduleSettings


def own_schedules(
    keys: Mapping[str, Any],
    above: ScheduleSettings,
    readers: Readers,
    place: str,
    mistakes: Problems,
) -> dict[str, Any]:
    """The schedules of a [[registry]], as keys of its settings.

    Args:
        keys: of the registry; `schedule` and `schedules` are used.
        above: the schedule that they override.
        readers: of the section [schedule].
        place: the registry's name in messages.
        mistakes: collects what is wrong.
    """

    def laid_over(above: ScheduleSettings, given: object, where: str) -> ScheduleSettings:
        return replace(above, **read_section(given, readers, f"{place} {where}", mistakes))

    found: dict[str, Any] = {}
    if "schedule" in keys:
        above = found["schedule"] = laid_over(above, keys["schedule"], "schedule")
    if "schedules" in keys:
        found["schedules"] = tuple(
            (name, laid_over(above, given, f"schedules.{name}"))
            for name, given in keys["schedules"].items()
        )
    return found
