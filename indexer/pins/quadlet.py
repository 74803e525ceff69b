"""Finds the images of Podman's quadlets: units of systemd that run containers.

The keys are those of podman-systemd.unit(5), the syntax is that of systemd.syntax(7).
"""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.pins.digest_search import pinned
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_SECTIONS = {
    "container": "Container",
    "image": "Image",
    "volume": "Volume",
    "kube": "Kube",
    "build": "Build",
    "pod": "Pod",
    "artifact": "Artifact",
}
"""The section that quadlet reads, by the ending of a file's name."""

_ENDINGS = "|".join(_SECTIONS)
_NAME = re.compile(rf"[^/]\.(?:{_ENDINGS}|quadlets)(?:\.d/[^/]+\.conf)?$")
_SECTION = re.compile(rf"^[ \t]*\[({'|'.join(_SECTIONS.values())})\][ \t]*$", re.MULTILINE)
_CONTENT = re.compile(r"^\[(?:Container|Kube)\][ \t]*$", re.MULTILINE)
_UNITS = (".image", ".build")
"""What ends the name of a unit that stands for an image."""

_TRANSPORT = re.compile(r"(docker://)|[a-z][a-z-]*:/|(?:containers-storage|docker-daemon|oci|dir):")
"""Where podman takes an image from; `docker://` is a registry (containers-transports(5))."""


_YAML = ("Kube", "Yaml")


class _Setting(NamedTuple):
    section: str
    key: str
    value: str
    line: int


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `web.container`, or a drop-in's `web.container.d/10-image.conf`."""
    return bool(_NAME.search(file.path)) and bool(_SECTION.search(file.text))


def is_content(file: SourceFile) -> bool:
    """Whether it has a section of a quadlet."""
    return not file.is_yaml and bool(_CONTENT.search(file.text))


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a unit; names of other units and root folders are none.

    Raises:
        UsageError: it names only a file of Kubernetes objects.
    """
    found: list[Pin] = []
    named_files: list[str] = []
    for unit in _units(file):
        found += _images(unit, given)
        found += _digests(unit, found)
        named_files += [each.value for each in unit if (each.section, each.key) == _YAML]
    if named_files and not found:
        names = ", ".join(shown(name) for name in named_files)
        raise UsageError(
            f"{shown(file.name)} does not name an image itself: check {names} instead, which its "
            "'Yaml=' names."
        )
    yield from found


def _digests(unit: list[_Setting], found: list[Pin]) -> Iterator[Pin]:
    """The images with a digest under further keys, as in `Exec` and `PodmanArgs`."""
    known = {(pin.line, pin.reference.digest) for pin in found if pin.reference}
    for setting in unit:
        for name, _ in pinned(setting.value):
            if (setting.line, name.partition("@")[2]) not in known:
                yield named(name, f"[{shown(setting.section, 60)}]", setting.line)


def _images(settings: list[_Setting], given: Values) -> Iterator[Pin]:
    last: dict[str, _Setting] = {}
    given = {**_environment(settings), **given}
    for setting in settings:
        where = f"[{setting.section}]"
        if not setting.key:
            why = "it is neither a section nor KEY=VALUE"
            yield unreadable(setting.value, shown(where, 60), setting.line, why)
        if setting.section not in _SECTIONS.values():
            continue
        if setting.key == "Image" or setting.key == setting.section == "Artifact":
            last[setting.section] = setting  # the last one counts
        elif setting.key == "Mount":
            yield from _mounted(setting, where, given)
    for section, setting in last.items():
        yield from _image(setting.value, f"[{section}]", setting.line, given)


def _environment(settings: list[_Setting]) -> dict[str, str]:
    """The variables of the service, with which systemd starts the container."""
    pairs: list[str] = []
    for setting in settings:
        if (setting.section, setting.key) == ("Service", "Environment"):
            with suppress(ValueError):  # quotes that do not end: systemd ignores it too
                pairs += shlex.split(setting.value)
    return {
        name: value for name, equals, value in (each.partition("=") for each in pairs) if equals
    }


def _mounted(setting: _Setting, where: str, given: Values) -> Iterator[Pin]:
    """The image of `Mount=type=image,source=…`."""
    options = dict(option.partition("=")[::2] for option in setting.value.split(","))
    if options.get("type", "").strip() == "image":
        source = options.get("source", options.get("src", "")).strip()
        yield from _image(source, f"{where} Mount", setting.line, given)


def _image(text: str, where: str, line: int, given: Values) -> Iterator[Pin]:
    """The pin for a name; nothing for another unit, or what is in no registry."""
    text = written = text.strip("\"'")
    if not text or text.endswith(_UNITS):
        return
    if transport := _TRANSPORT.match(text):
        if not transport[1]:
            return
        text = text.removeprefix(transport[1])
    if "%" in text.replace("%%", ""):
        yield unreadable(written, where, line, "systemd fills in what follows '%' when it starts")
        return
    try:
        yield named(expand(text.replace("%%", "%"), given, escape="$"), where, line, written)
    except NotSet as problem:
        yield unreadable(written, where, line, str(problem))


def _units(file: SourceFile) -> list[list[_Setting]]:
    """The settings of each unit: `.quadlets` holds several, with lines of `---` between them."""
    units: list[list[_Setting]] = [[]]
    for setting in _settings(file.text):
        if file.base.endswith(".quadlets") and setting.value == "---":
            units.append([])
        else:
            units[-1].append(setting)
    return units


def _settings(text: str) -> Iterator[_Setting]:
    r"""Yield each `KEY=VALUE` with its section. A line that ends in `\\` goes on in the next."""
    section, first = "", 0
    parts: list[str] = []
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        line = raw.strip()
        if parts and line.startswith(("#", ";")):
            continue  # a comment within a value
        if not parts and (not line or line.startswith(("#", ";"))):
            continue
        first = first if parts else number
        parts.append(line.removesuffix("\\").strip())
        if line.endswith("\\"):
            continue
        whole, parts = " ".join(parts), []
        if whole.startswith("[") and whole.endswith("]"):
            section = whole[1:-1]
        elif "=" in whole:
            key, _, value = whole.partition("=")
            yield _Setting(section, key.strip(), value.strip(), first)
        else:
            yield _Setting(section, "", whole, first)
