"""Debian's Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.support.databases import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

SIZES: dict[str, Any] = {
    "phone": {"width": 360, "height": 740},
    "desktop": {"width": 1280, "height": 800},
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        missing("there is no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Looking:
    """A page, and everything that went wrong while it was looked at."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(f"script: {error}"))
        page.on("dialog", lambda dialog: self.trouble.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", self._check_failure)
        page.on("request", self._check)
        page.on("response", self._check_status)

    def _check(self, request: Any) -> None:
        if not request.url.startswith(self.address):
            self.trouble.append(f"elsewhere: {request.url}")

    def _check_failure(self, request: Any) -> None:
        # Whoever leaves a page before its icon has come stops asking for it.
        if "ERR_ABORTED" not in str(request.failure):
            self.trouble.append(f"{request.failure}: {request.url}")

    def _check_status(self, response: Any) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status}: {response.url}")

    def go(self, path: str) -> Page:
        """Look at a path of the site."""
        self.page.goto(self.address + path)
        return self.page


@contextmanager
def looking(
    browser: Browser, address: str, size: str = "desktop", scheme: Any = "light"
) -> Iterator[Looking]:
    """A new visitor, whose browser runs no script."""
    context = browser.new_context(
        viewport=SIZES[size], color_scheme=scheme, java_script_enabled=False
    )
    yield Looking(context.new_page(), address)
    context.close()


TEXTS = """
() => {
  const luminance = (r, g, b) => {
    const part = (value) => {
      value /= 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const numbers = (color) => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(element).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    const box = element.getBoundingClientRect();
    const isAside = element.closest("svg, .hidden, .skip");
    if (!node.textContent.trim() || box.width < 2 || isAside) continue;
    const style = getComputedStyle(element);
    const one = luminance(...numbers(style.color)), two = luminance(...ground(element));
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    found.push([node.textContent.trim().slice(0, 30), ratio, parseFloat(style.fontSize)]);
  }
  return found;
}
"""
"""Each visible text with its contrast (WCAG 2, relative luminance) and its size in pixels."""
