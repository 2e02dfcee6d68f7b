"""A visitor of the page: what can be seen and done, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PICTURE = "img.adl-picture[src^=data]"
LONG = 180_000


class Visitor:
    """One browser context with the page open; notes every failed request and every error of the console."""

    def __init__(self, browser: Any, address: str, width: int = 1280, **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(LONG)
        self.trouble: list[str] = []
        self.page.on("requestfailed", lambda request: self.trouble.append(f"failed {request.url}"))
        self.page.on("response", lambda answer: answer.status >= 400 and self.trouble.append(f"{answer.status} {answer.url}"))
        self.page.on("console", lambda message: message.type == "error" and self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector(PICTURE)

    @property
    def tick(self) -> int:
        return int(re.search(r"tick ([\d,]+) of", self.page.inner_text(".clock"))[1].replace(",", ""))

    @property
    def command(self) -> str:
        return self.page.inner_text(".adl-copy code")

    @property
    def picture(self) -> str:
        return self.page.get_attribute(PICTURE, "src")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).click()

    def step(self) -> None:
        """One tick, waited for."""
        before = self.tick
        self.press("Step")
        self.until_tick(before + 1)

    def until_tick(self, tick: int) -> None:
        self.page.wait_for_function(f"() => /tick {tick:,} of/.test(document.querySelector('.clock').innerText)")

    def until_drawn(self, before: str) -> str:
        """The picture, once it is another than before."""
        self.page.wait_for_function("before => document.querySelector('img.adl-picture').src !== before", arg=before)
        return self.picture

    def play_to_the_end(self) -> None:
        self.choose("Ticks a second", "200")
        self.press("Play")
        self.page.wait_for_function("() => /tick ([\\d,]+) of \\1$/.test(document.querySelector('.clock').innerText.trim())")

    def open(self, tab: str) -> None:
        self.page.get_by_role("tab", name=tab).click()
        self.page.wait_for_selector(f"[data-tab='{tab}']")
        if tab not in ("About", "Sweep"):  # a checkout need not hold the runs of a sweep
            self.page.wait_for_selector(f"[data-tab='{tab}'] {PICTURE}")
        self.page.wait_for_function("() => [...document.querySelectorAll('img.adl-picture')].every(each => each.alt)")

    def type(self, label: str, text: str) -> None:
        """Type into a control and leave it."""
        with self.noticed():
            field = self.page.get_by_label(label, exact=False).first
            field.fill(text)
            field.press("Tab")

    @contextmanager
    def noticed(self) -> Iterator[None]:
        """Waits until the page has taken notice of a change of a control."""
        before = self.page.get_attribute(".adl-panel", "data-revision")
        yield
        self.page.wait_for_function("before => document.querySelector('.adl-panel').dataset.revision !== before", arg=before)

    def set(self, label: str, option: str) -> None:
        """Choose from the list of a control."""
        with self.noticed():
            self.choose(label, option)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.locator(".v-select", has_text=label).first.click()
        self.page.locator(".menuable__content__active .v-list-item", has_text=re.compile(f"^{re.escape(option)}$")).first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def close(self) -> None:
        self.context.close()
