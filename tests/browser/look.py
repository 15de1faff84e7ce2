"""Opens a page in Chromium without a window and prints what is seen there, as JSON.

    .venv-browser/bin/python tests/browser/look.py PAGE
    .venv-browser/bin/python tests/browser/look.py PAGE --pictures docs/images
    .venv-browser/bin/python tests/browser/look.py PAGE --time     # seconds to open it

Runs in .venv-browser, which tests/browser/install.sh makes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE_MS = 120_000
_POINTS = """() => Object.fromEntries([...document.querySelectorAll("figure")].map((figure) => [
  figure.dataset.plot + " " + figure.dataset.name,
  figure.querySelector(".plot").data.reduce(
    (sum, trace) => sum + (trace.mode === "lines" ? 0 : trace.x.filter((x) => x !== null).length),
    0),
]))"""
_MANY = "HP.axis(Array.from({ length: 500000 }, (_, i) => i + 1)).type"
_FOCUSABLE = "a[href], button, input, select, summary, [tabindex='0']"


def opened(browser: Browser, page: Path, said: list[str], **how: Any) -> Page:
    """The page, with all its plots drawn."""
    tab = browser.new_context(**how).new_page()
    tab.set_default_timeout(PATIENCE_MS)
    tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: said.append(f"error: {error}"))
    tab.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    tab.on("request", lambda request: request.url.startswith("http") and said.append(request.url))
    tab.goto(page.absolute().as_uri())
    tab.evaluate("HP.drawAll()")
    return tab


def seen(browser: Browser, page: Path) -> dict[str, Any]:
    """What is on the page, and what changes when it is used."""
    said: list[str] = []
    tab = opened(browser, page, said, viewport={"width": 1280, "height": 900})
    rows = "#table tbody tr"
    found: dict[str, Any] = {
        "rows": tab.locator(rows).count(),
        "points": tab.evaluate(_POINTS),
        "loaded_ms": tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"),
        "images": tab.locator("img:not(.js-plotly-plot img)").count(),
        "tabs": _tabbed(tab),
        "axis_of_many": tab.evaluate(_MANY),
    }
    tab.uncheck("input[name=rejected]")
    tab.evaluate("HP.drawAll()")
    found["without_rejected"] = {
        "rows": tab.locator(rows).count(),
        "points": tab.evaluate(_POINTS),
        "count": tab.inner_text("#count"),
    }
    tab.click("summary:has-text('Values')")
    tab.get_by_label("units, at least").fill("40")
    found["units_from_40"] = tab.locator(rows).count()
    tab.get_by_label("kind", exact=True).select_option(index=2)
    found["and_second_kind"] = tab.locator(f"{rows} td:nth-child(7)").all_inner_texts()
    tab.click("button[type=reset]")
    tab.locator(rows).nth(found["rows"] - 1).wait_for()
    tab.click("thead button:has-text('error')")
    found["sorted"] = tab.locator(f"{rows} td:nth-child(3)").all_inner_texts()
    tab.focus("figure[data-plot=cost] .plot")
    tab.keyboard.press("ArrowRight")
    found["first_mark"] = tab.text_content("#live")
    tab.keyboard.press("ArrowRight")
    found["second_mark"] = tab.text_content("#live")
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.click("button:has-text('Dark or light')")
    found["themes"] = [light, tab.evaluate("getComputedStyle(document.body).backgroundColor")]
    dark = opened(browser, page, said, color_scheme="dark")
    found["themes"].append(dark.evaluate("getComputedStyle(document.body).backgroundColor"))
    phone = opened(browser, page, said, viewport={"width": 360, "height": 740})
    found["phone_overflow"] = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
    found["said"] = said
    return found


def _tabbed(tab: Page) -> list[int]:
    """How many elements can be used, and how many of them the Tab key reaches."""
    visible = tab.evaluate(
        f"[...document.querySelectorAll(`{_FOCUSABLE}`)].filter((e) => e.checkVisibility()).length"
    )
    tab.evaluate("window.reached = new Set()")
    for _ in range(visible):
        tab.keyboard.press("Tab")
        tab.evaluate("reached.add(document.activeElement)")
    return [visible, tab.evaluate(f"[...reached].filter((e) => e.matches(`{_FOCUSABLE}`)).length")]


def pictures(browser: Browser, page: Path, folder: Path) -> None:
    """The pictures of the documents: the top of the page, and what matters."""
    tab = opened(browser, page, [], viewport={"width": 1100, "height": 1060})
    first = tab.locator("figure[data-plot=cost]").first.bounding_box()
    whole = {"x": 0, "y": 0, "width": 1100, "height": first["y"] + first["height"] + 16}
    tab.screenshot(path=folder / "page.png", full_page=True, clip=whole)
    tab.locator("section:has(> h2:text-is('What matters')) .figures").screenshot(
        path=folder / "page-what-matters.png"
    )


def opening(browser: Browser, page: Path) -> list[float]:
    """Seconds until the first plot has its points and the table its rows, five times."""
    seconds = []
    for _ in range(5):
        tab = browser.new_context().new_page()
        begin = time.perf_counter()
        tab.goto(page.absolute().as_uri())
        tab.locator("path.point").first.wait_for()
        tab.locator("#table tbody tr").first.wait_for()
        seconds.append(round(time.perf_counter() - begin, 2))
    return seconds


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Looks at a page; see the head of this file.")
    parser.add_argument("page", type=Path)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--time", action="store_true")
    given = parser.parse_args()
    program = shutil.which("chromium") or sys.exit("look.py: chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        if given.pictures:
            pictures(browser, given.page, given.pictures)
        elif given.time:
            print(opening(browser, given.page))
        else:
            print(json.dumps(seen(browser, given.page)))
        browser.close()


if __name__ == "__main__":
    main()
