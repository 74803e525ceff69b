"""The pages in a real browser: on a phone, in the dark, by keyboard, and under hostile names."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from indexer.config import RegistrySettings, Settings
from indexer.core.model import Repository
from indexer.policies.violation import Breach, Found, Severity
from tests.store.scribe import START, Scribe, digest, image, tag
from tests.web.chromium import SIZES, TEXTS, chromium, looking
from tests.web.serving import TOKEN, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from indexer.store import Store
    from tests.web.serving import Running

PAGES = {
    "changes": "/",
    "filtered": "/?kind=tag_retagged&namespace=library&days=90",
    "namespaces": "/namespaces",
    "repositories": "/repositories?namespace=library",
    "search": "/search?q=ngixn",
    "nothing found": "/search?q=zzzzzz",
    "repository": "/image/docker.io/library/nginx",
    "tag": "/image/docker.io/library/nginx:latest",
    "gone": "/image/docker.io/library/nginx:1.1",
    "violations": "/violations",
    "compare": "/compare/docker.io/library/nginx?from=crawl:1",
    "diff": "/diff/docker.io/library/nginx:latest",
    "api": "/api/docs",
}

EVERY_PAGE = [*PAGES.values(), "/violations/1"]

LEAST_CONTRAST = 4.5
"""WCAG 2.2, level AA, for texts of usual size."""


def follow(page: Page, link: Locator) -> None:
    """Click, and wait for the next page: counting its elements would not wait for it."""
    with page.expect_navigation():
        link.click()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        ("phone", "light"),
        ("desktop", "dark"),
        pytest.param("phone", "dark", marks=pytest.mark.nightly),
        pytest.param("desktop", "light", marks=pytest.mark.nightly),
    ],
)
def test_every_page_fits_and_can_be_read(
    browser: Browser, site: Running, size: str, scheme: str
) -> None:
    with looking(browser, site.address, size, scheme) as visitor:
        for name, path in PAGES.items():
            page = visitor.go(path)
            width, room = page.evaluate(
                "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert width <= room, f"{name} is wider than the screen"
            faint = [text for text in page.evaluate(TEXTS) if text[1] < LEAST_CONTRAST]
            assert faint == [], name
            tiny = [text for text in page.evaluate(TEXTS) if text[2] < 12]
            assert tiny == [], name
        assert visitor.trouble == []


def violated(store: Store) -> None:
    """A violation, to look at its pages."""
    found = Found(
        "still", Severity.HIGH, Breach.RETAGGED, "docker.io", "library/nginx", "latest",
        digest("1"), digest("2"), START, START, 3, sentence=f"it was {digest('1')}.",
    )  # fmt: skip
    store.evaluations.judged({}, [found])


@pytest.mark.parametrize(
    ("size", "scheme", "paths"),
    [
        ("phone", "light", ["/image/docker.io/library/nginx", "/violations/1", "/login"]),
        ("desktop", "dark", ["/violations"]),
        *(
            pytest.param(
                size,
                scheme,
                [*PAGES.values(), "/violations/1", "/login"],
                marks=pytest.mark.nightly,
            )
            for size in ("phone", "desktop")
            for scheme in ("light", "dark")
        ),
    ],
)
def test_axe_finds_nothing_that_shuts_people_out(
    browser: Browser, index: Store, size: str, scheme: Any, paths: list[str]
) -> None:
    violated(index)
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)  # axe is a script
    with running(index) as site, closing(context):
        page = context.new_page()
        for path in paths:
            page.goto(site.address + path)
            page.evaluate("() => document.querySelectorAll('details').forEach(e => e.open = true)")
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())


def test_a_person_logs_in_where_a_page_needs_it_and_out_again(
    browser: Browser, closed_site: Running
) -> None:
    context = browser.new_context()
    with closing(context):
        page = context.new_page()
        secret = closed_site.address + "/image/docker.io/library/secret"
        answer = page.goto(secret)
        assert answer is not None
        assert answer.status == 401
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        assert page.url == secret
        assert page.get_by_text("Logged in as owner").is_visible()
        page.get_by_role("button", name="Log out").click()
        assert page.get_by_label("Token").is_visible()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_has_a_shape_that_can_be_heard(
    browser: Browser, site: Running, path: str
) -> None:
    with looking(browser, site.address) as visitor:
        page = visitor.go(path)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("h1").count() == 1
        for landmark in ("header", "main", "footer", "nav[aria-label]", "form[role=search]"):
            assert page.locator(landmark).count() >= 1, landmark
        assert page.title().endswith(" · indexer")
        for field in page.locator("input:not([type=hidden]), select").all():
            assert field.evaluate("element => element.labels.length") >= 1
        for picture in page.locator("img").all():
            assert picture.get_attribute("alt") is not None
        for drawing in page.locator("svg").all():
            is_named = bool(drawing.get_attribute("aria-label"))
            assert is_named or drawing.get_attribute("aria-hidden") == "true"
        levels = [int(tag_[1]) for tag_ in page.locator("h1,h2,h3").evaluate_all(
            "elements => elements.map(element => element.tagName)")]  # fmt: skip
        assert all(deeper <= upper + 1 for upper, deeper in pairwise(levels))


def test_pages_are_used_by_keyboard_alone(browser: Browser, site: Running) -> None:
    with looking(browser, site.address) as visitor:
        page = visitor.go("/")
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        assert focus.text_content() == "Skip to the content"
        box = focus.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("() => location.hash") == "#main"
        page.keyboard.press("Tab")
        assert page.locator("main :focus").count() == 1
        outline = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline == "solid"
        page.locator("summary", has_text="The numbers").focus()
        page.keyboard.press("Enter")
        assert page.locator("figure table").is_visible()
        page.locator("#q").focus()
        page.keyboard.type("ngixn")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="library/nginx").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.address}/image/docker.io/library/nginx")
        assert visitor.trouble == []


def test_a_person_finds_out_what_was_retagged(browser: Browser, site: Running) -> None:
    with looking(browser, site.address) as visitor:
        page = visitor.go("/")
        page.locator("summary", has_text="Filter").click()
        page.get_by_label("Kind").select_option("tag retagged")
        page.get_by_role("textbox", name="Tag").fill("latest")
        follow(page, page.get_by_role("button", name="Show"))
        assert page.locator(".changes li").count() == 2
        assert "Only tag retagged, tag latest" in page.locator("main").inner_text()
        follow(page, page.locator(".changes a").first)
        assert page.locator("h1").inner_text() == "nginx:latest"
        assert page.locator(".lane").count() == 3
        assert page.locator("section[aria-labelledby=history] tbody tr").count() == 3
        assert page.locator("section[aria-labelledby=settled] tbody tr").count() == 3
        follow(page, page.locator(".crumbs a").first)
        page.get_by_label("From").fill("crawl:1")
        follow(page, page.get_by_role("button", name="Compare"))
        assert page.locator("tbody tr").count() == 3
        assert visitor.trouble == []


def test_a_name_with_a_tag_leads_to_the_tag(browser: Browser, site: Running) -> None:
    with looking(browser, site.address) as visitor:
        page = visitor.go("/search?q=redis%3Alatest")
        assert page.url == f"{site.address}/image/docker.io/library/redis:latest"


def test_lists_are_paged_in_both_directions(browser: Browser, empty: Store) -> None:
    scribe = Scribe(empty.archive)
    scribe.crawl({"many": []})
    scribe.crawl({"many": [tag(f"{number:03}", f"{number}") for number in range(130)]})
    with running(empty) as site, looking(browser, site.address) as visitor:
        page = visitor.go("/")
        seen = page.locator(".changes .image").all_inner_texts()
        while page.get_by_role("link", name="Older").count():
            follow(page, page.get_by_role("link", name="Older"))
            seen += page.locator(".changes .image").all_inner_texts()
        assert seen == [f"library/many:{number:03}" for number in reversed(range(130))]
        follow(page, page.get_by_role("link", name="Newest"))
        assert page.url == f"{site.address}/?days=30"
        page = visitor.go("/image/library/many")
        follow(page, page.get_by_role("link", name="More"))
        assert page.locator("tbody th a").all_inner_texts()[0] == "100"
        follow(page, page.get_by_role("link", name="First"))
        assert page.locator("#tags ~ table tbody th a").first.inner_text() == "000"


HOSTILE = [
    "<script>document.title='pwned'</script>",
    '"><img src=x onerror="document.body.id=\'pwned\'">',
    "'); alert(1); ('",
    "</title></style><h1 id=pwned>pwned</h1>",
    "{{ 7 * 7 }}{% for x in y %}",
    "\u202egnp.exe\u2066",
    "line\nbreak\ttab\x1b[31mred",
    "x" * 3_000,
    "javascript:alert(1)",
]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_nothing_that_a_registry_says_becomes_more_than_text(
    browser: Browser, empty: Store, size: str
) -> None:
    scribe = Scribe(empty.archive)
    for number, text in enumerate(HOSTILE):
        name = f"library/r{number}"
        scribe.repositories[name] = Repository(name, START, text)
    held = {f"r{number}": [tag("first", "x")] for number in range(len(HOSTILE))}
    scribe.crawl(held)
    bad = image("linux/<b>bold</b>", "a")
    held["r0"] = [tag(text, text, platforms=(bad,)) for text in HOSTILE]
    scribe.crawl(held)
    failed = scribe.begin()
    scribe.finish(failed, errors=tuple(HOSTILE))
    with running(empty) as site, looking(browser, site.address, size) as visitor:
        for path in ("/", "/repositories", "/namespaces", "/image/docker.io/library/r0",
                     "/compare/docker.io/library/r0", "/search?q=r",
                     f"/search?q={HOSTILE[0]}", f"/?tag={HOSTILE[1]}"):  # fmt: skip
            page = visitor.go(path)
            assert page.title() != "pwned"
            assert page.locator("#pwned, main script, main img, main b b").count() == 0
            text = page.locator("main").inner_text()
            assert "{{ 7 * 7 }}" in text or not {"49", "{{"} & set(text.split())
            assert not set("\u202e\u2066\x1b") & set(text)
            width, room = page.evaluate(
                "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert width <= room, path
        assert visitor.trouble == []


def test_overdue_and_failed_crawls_are_shown(browser: Browser, index: Store) -> None:
    registry = RegistrySettings(namespaces=("library", "never"))
    settings = Settings(registries=(registry,))
    with running(index, settings=settings) as site, looking(browser, site.address) as visitor:
        site.clock.time += timedelta(days=400)
        text = visitor.go("/namespaces").locator("main").inner_text()
    assert "never crawled" in text
    assert "failed" in text
    assert "1 problem: only shown with the token" in text


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/image/docker.io/library/none", 404, "the index knows no repository"),
        ("/image/docker.io/library/nginx:none", 404, "never had a tag 'none'"),
        ("/nothing", 404, "there is no such page."),
        ("/?kind=what", 400, "'what' is not a kind of change"),
        ("/?before=x", 400, "before must be a number"),
        ("/compare/library/nginx?from=soon", 400, "cannot read 'soon' as a time"),
        ("/diff/library/nginx:latest?from=soon", 400, "cannot read 'soon' as a time"),
        ("/diff/library/nginx:none", 404, "never had a tag 'none'"),
        ("/diff/library/nginx", 404, "cannot be a tag"),
        ("/diff/library/nginx:latest?from=2020-01-01", 400, "since 2026-"),
        ("/diff/library/nginx:latest?to=ffffffff", 404, "never had the digest ffffffff"),
    ],
)
def test_what_is_not_there_is_a_page_with_a_sentence(
    site: Running, path: str, status: int, sentence: str
) -> None:
    answer = site.get(path, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert sentence.replace("'", "&#39;") in answer.text
