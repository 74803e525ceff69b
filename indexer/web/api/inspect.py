"""`/api/v1/inspect`: what `indexer inspect` prints of an image, if its manifests were fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import APIRouter, Query, Request  # noqa: TC002 - FastAPI reads annotations
from starlette.responses import Response  # noqa: TC002 - the same

from indexer.catalog.settled import UNNAMED
from indexer.core.digest_text import parse_digest, several
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.crawl.schedule.freshness import of_repositories
from indexer.manifests import manifest_parser, platform_selection
from indexer.manifests.content_type import in_words
from indexer.manifests.fetch import DEPTH, EMPTY
from indexer.manifests.manifest_parser import Kind
from indexer.manifests.untrusted_json import NotReadable
from indexer.render import skopeo
from indexer.render.go_values import as_json
from indexer.web.answer_age import freshness_record
from indexer.web.api.answers import Inspected, InspectedImage
from indexer.web.api.openapi import PROBLEMS, answers
from indexer.web.api.parameters import Repo  # noqa: TC001 - FastAPI reads annotations
from indexer.web.change_filters import LONGEST
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.repository_lookup import known
from indexer.web.responses import NotKnown, json_answer

if TYPE_CHECKING:
    from indexer.catalog.answers import RepositoryKey
    from indexer.core.digest_text import DigestPrefix
    from indexer.manifests.manifest_parser import Manifest
    from indexer.manifests.platform_selection import WantedPlatform
    from indexer.manifests.ports import StoredManifest
    from indexer.store.catalog.browser import Browser

MOST_TAGS = 10_000
"""The most tags of the repository in an answer."""

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@router.get("/inspect/{repository:path}", responses=answers(Inspected), tags=["images"])
async def inspect(
    request: Request,
    repository: Repo,
    tag: Annotated[str, Query(max_length=128, description="The tag.")] = UNNAMED,
    digest: Annotated[
        str | None,
        Query(
            max_length=LONGEST,
            description="A digest in place of the tag, full or its first 7 or more digits; also "
            "one that a tag had before.",
        ),
    ] = None,
    platform: Annotated[
        str, Query(max_length=60, description="Which image of an index: `linux/arm64`.")
    ] = "linux/amd64",
    *,
    tags: Annotated[
        bool, Query(description=f"Fill `RepoTags`: the first {MOST_TAGS:,} tags.")
    ] = False,
) -> Response:
    """One image as `skopeo inspect` shows it: created, labels, layers, environment.

    404 if the index does not hold its manifest or configuration: no registry is asked.
    """
    browser, host_registry = browser_of(request), host_registry_of(request)
    wanted = platform_selection.parse(platform)
    typed = parse_digest(digest) if digest else None

    def look() -> Inspected:
        place = known(browser, repository, host_registry)
        age = freshness_record(request, of_repositories([place]))
        top = _full(browser, place, typed) if typed else _pointed_to(browser, place, tag)
        try:
            manifest, config = _image(browser, place, top, wanted)
            record = skopeo.inspected(
                name=str(place),
                digest=top,
                tags=browser.tag_names(place, "", MOST_TAGS) if tags else (),
                image=manifest,
                config=config,
                layers_data=True,
            )
        except NotReadable as why:
            raise NotKnown(f"the manifest of {shown(str(place))} cannot be read: {why}.") from None
        image = msgspec.json.decode(as_json(record, indent=None, html=False), type=InspectedImage)
        named = None if typed else tag
        return Inspected(place.registry, place.repository, named, top, image, age)

    return json_answer(request, await context_of(request).ask(look))


def _pointed_to(browser: Browser, place: RepositoryKey, tag: str) -> str:
    """The digest that a present tag points to.

    Raises:
        NotKnown: there is no such tag, or its digest is not known.
    """
    pointer = browser.pointer(place, tag)
    if pointer is None:
        raise NotKnown(f"{shown(str(place))} has no tag '{shown(tag)}'.")
    if pointer.digest is None:
        raise NotKnown(f"no registry has told the digest of {shown(f'{place}:{tag}')} yet.")
    return pointer.digest


def _full(browser: Browser, place: RepositoryKey, typed: DigestPrefix) -> str:
    """The digest that is meant, of those that tags of the repository lead to or led to.

    Raises:
        UsageError: several begin so.
        NotKnown: none does.
    """
    if typed.full is not None:
        return typed.full
    found = [
        digest
        for digest, led in browser.find(typed).items()
        if any((each.registry, each.repository) == place for each in led)
    ]
    if len(found) > 1:
        raise UsageError(several(typed, found))
    if not found:
        raise NotKnown(f"no tag of {shown(str(place))} points or pointed to {typed}.")
    return found[0]


def _image(
    browser: Browser, place: RepositoryKey, digest: str, wanted: WantedPlatform
) -> tuple[Manifest, bytes]:
    """The image for a platform, and its configuration; empty if its manifest contains it.

    Raises:
        NotKnown: it is not in the index, or not an image.
        NotReadable: a manifest cannot be read.
    """
    manifest = _manifest(browser, place, digest)
    for _ in range(DEPTH):
        if manifest.kind is not Kind.INDEX:
            break
        child = platform_selection.choose(manifest, wanted)
        if child is None:
            raise NotKnown(f"{shown(str(place))} has no image for {wanted} under {digest}.")
        manifest = _manifest(browser, place, child.digest)
    if manifest.kind is not Kind.IMAGE:
        raise NotKnown(f"{shown(str(place))} is not an image, but {shown(in_words(manifest))}.")
    if manifest.config is None:
        return manifest, b""
    return manifest, _content(browser, place, manifest.config.digest, "configuration").body


def _manifest(browser: Browser, place: RepositoryKey, digest: str) -> Manifest:
    content = _content(browser, place, digest, "manifest")
    return manifest_parser.read(content.body, content.media_type)


def _content(browser: Browser, place: RepositoryKey, digest: str, what: str) -> StoredManifest:
    if digest == EMPTY.digest:
        return EMPTY
    found = browser.content(place, digest)
    if found is None:
        raise NotKnown(
            f"the index does not hold the {what} {shown(digest, 100)} of {shown(str(place))}: "
            "'indexer inspect' fetches it, and crawls do with 'manifests' in the configuration."
        )
    return found
