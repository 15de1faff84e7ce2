"""Pictures in a page as files. A script stands for the browser; tests/browser has a real one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.report.page import figures
from hwsearch.report.page.figures import write_figures


def picture(label: str, content: bytes) -> str:
    return f'<pre data-picture="{label}">{base64.b64encode(content).decode()}</pre>'


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty program that is found in place of a browser."""
    program = tmp_path / "bin" / "chromium"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr(figures, "BROWSERS", ("chromium",))
    return program


def draws(browser: Path, page: str) -> None:
    """Lets it print a page."""
    drawn = browser.with_name("drawn.html")
    drawn.write_text(page, encoding="utf-8")
    browser.write_text(f"#!/bin/sh\ncat {drawn}\n", encoding="utf-8")


def test_each_picture_becomes_a_file_whose_name_is_that_of_the_plot(
    browser: Path, tmp_path: Path
) -> None:
    draws(
        browser,
        "<pre>no picture</pre>"
        + picture("error against power.svg", b"<svg/>")
        + picture("error against power.png", b"\x89PNG")
        + picture("../../error / power.svg", b"<svg>2</svg>")
        + picture("error power.svg", b"<svg>3</svg>")
        + picture("??.svg", b"<svg>4</svg>")
        + '<pre data-picture="torn.svg">not base64!</pre>',
    )
    files = write_figures(tmp_path / "figures", "<p>")
    assert {file.name: file.read_bytes() for file in files} == {
        "error_against_power.svg": b"<svg/>",
        "error_against_power.png": b"\x89PNG",
        "error_power.svg": b"<svg>2</svg>",
        "error_power-2.svg": b"<svg>3</svg>",
        "figure.svg": b"<svg>4</svg>",
    }
    assert {file.parent for file in files} == {tmp_path / "figures"}


def test_the_browser_gets_the_page(browser: Path, tmp_path: Path) -> None:
    """The last argument is the address of a file with it, and asks for pictures."""
    browser.write_text(
        '#!/bin/sh\nfor last; do :; done\nfile="${last#file://}"\n'
        'test "${last##*#}" = figures && cat "${file%#figures}"\n',
        encoding="utf-8",
    )
    (file,) = write_figures(tmp_path / "figures", picture("é.svg", b"1") + "<p>ü")
    assert file.read_bytes() == b"1"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo x; echo first >&2; echo no display >&2; exit 3", "ended with status 3: no display"),
        ("exit 4", "ended with status 4: no message"),
        ("echo '<p>nothing</p>'", "drew nothing"),
    ],
)
def test_a_browser_that_fails(script: str, said: str, browser: Path, tmp_path: Path) -> None:
    browser.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        write_figures(tmp_path / "figures", "<p>")
    assert str(caught.value) == f"--figures: {browser} {said}"
    assert not (tmp_path / "figures").exists()


def test_a_browser_that_cannot_be_started(browser: Path, tmp_path: Path) -> None:
    browser.write_text("#!/nowhere/sh\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"^--figures: .*chromium: .*No such file"):
        write_figures(tmp_path / "figures", "<p>")


def test_a_folder_that_cannot_be_made(browser: Path, tmp_path: Path) -> None:
    draws(browser, picture("a.svg", b"1"))
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Not a directory; expected a writable folder$"):
        write_figures(tmp_path / "file" / "figures", "<p>")
