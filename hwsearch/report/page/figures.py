"""The plots of a page as files, SVG and PNG.

The page itself draws them, in a browser without a window: the pictures are those of the page.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import shutil
import subprocess
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from hwsearch.atomic_files import write_atomic
from hwsearch.errors import UserError
from hwsearch.printing import one_line

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Seconds for the browser.
PATIENCE_S = 300.0
_NOT_IN_NAMES = re.compile(r"[^\w.-]+", re.ASCII)


def write_figures(folder: Path, page: str) -> list[Path]:
    """Writes each plot of a page as SVG and as PNG.

    Args:
        folder: It is created if it is missing.
        page: The text of a page.

    Returns:
        The files.

    Raises:
        UserError: There is no browser, it fails, or a file cannot be written.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise UserError(
            f"--figures: found none of {', '.join(BROWSERS)}; expected Chromium or Chrome, which "
            "draws them (Debian: apt-get install chromium)"
        )
    files = _contents(_drawn(browser, page))
    if not files:
        raise UserError(f"--figures: {one_line(browser)} drew nothing")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomic(folder / name, content)
    except OSError as error:
        raise UserError(
            f"--figures: {one_line(folder)}: {error.strerror}; expected a writable folder"
        ) from None
    return [folder / name for name in files]


def _drawn(browser: str, page: str) -> str:
    """The page after its plots were drawn, with their pictures as text in it."""
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--window-size=1000,800",
            f"--user-data-dir={folder}/profile",
            "--virtual-time-budget=60000",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # as root it has none
            "--dump-dom",
            f"{file.as_uri()}#figures",
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserError(f"--figures: {one_line(browser)}: {one_line(error)}") from None
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise UserError(
            f"--figures: {one_line(browser)} ended with status {done.returncode}: {one_line(last)}"
        )
    return done.stdout.decode("utf-8", errors="replace")


def _contents(page: str) -> dict[str, bytes]:
    """The content of each file by name."""
    reader = _Pictures()
    reader.feed(page)
    files: dict[str, bytes] = {}
    for label, text in reader.found:
        name, _, ending = label.rpartition(".")
        stem = _NOT_IN_NAMES.sub("_", name).strip("_.")[:80] or "figure"
        taken = [f"{stem}.{ending}", *(f"{stem}-{n}.{ending}" for n in range(2, 100))]
        try:
            content = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        files[next(each for each in taken if each not in files)] = content
    return files


class _Pictures(HTMLParser):
    """The pictures that the page has put into itself: label and base64."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._label: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the label of a picture."""
        self._label = dict(attrs).get("data-picture") if tag == "pre" else None

    def handle_data(self, data: str) -> None:
        """Takes the text of a picture."""
        if self._label is not None:
            self.found.append((self._label, data))
            self._label = None
