"""The page as text: headings, captions and places for plots, with the document and the scripts.

Nothing is loaded from elsewhere. A content security policy names the hashes of the three scripts,
so that no other script runs, whatever a name or an option contains.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from hwsearch.printing import one_line
from hwsearch.report.page import captions
from hwsearch.report.page.document import Source, document

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("plotly-basic.min.js", "plots.js", "page.js")
#: How the importance of hyper-parameters is computed, for readers of the page.
METHOD = (
    "These values come from the optimiser's own models, which are Gaussian processes. From the "
    "posterior of each model, 64 functions are drawn. For each function, Jansen's estimators with "
    "256 quasi-random points give the Sobol indices over the search space. The total index of a "
    "hyper-parameter is the share of the variance that it explains alone or together with others; "
    "the first-order index is the share that it explains alone. The plot shows the median of the "
    "functions and the interval that contains 90 % of them, which is wide if there are too few "
    "jobs. Variances are on the model's scale, which compresses very bad values."
)
RUNNING = (
    "The search is running: reload this page for newer results. The sections about its models are "
    "added when it ends."
)
FIT_METHOD = (
    "The model predicts each job's value from all other jobs. Bars are 90 % intervals for a new "
    "measurement. The model's length scales were chosen with all jobs."
)


def page(source: Source) -> str:
    """The page.

    Args:
        source: What it shows.
    """
    shown = document(source)
    scripts = [_asset(name) for name in SCRIPTS]
    hashes = " ".join(f"'sha256-{_hash(text)}'" for text in scripts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    title = escape(f"{one_line(source.table.run)} - HyperPower")
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="color-scheme" content="light dark">\n',
            f"<title>{title}</title>\n<style>\n{_asset('page.css')}</style>\n</head>\n<body>\n",
            *_body(source, shown),
            f'<script type="application/json" id="document">{as_script(shown)}</script>\n',
            *(f"<script>{text}</script>\n" for text in scripts),
            "</body>\n</html>\n",
        ]
    )


def as_script(value: Any) -> str:
    """JSON that no HTML parser reads as an end of its element, and no script as a line's end."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _body(source: Source, shown: Mapping[str, Any]) -> Iterator[str]:
    table = source.table
    state = RUNNING if source.running else ""
    yield '<a class="skip" href="#jobs">Skip to the table of jobs</a>\n<header>\n'
    yield f"<h1>{escape(one_line(table.run))}</h1>\n"
    yield f'<p class="headline">{escape(captions.headline(table))}</p>\n'
    yield f"<p>{escape(captions.counted(table))}. Written {escape(source.written)}. {state}</p>\n"
    yield '<div id="tools"></div>\n</header>\n<nav aria-label="Sections"><ul id="sections"></ul>'
    yield "</nav>\n<main>\n"
    yield '<section aria-labelledby="h-filters"><h2 id="h-filters">Filters</h2>\n'
    yield '<form id="filters"></form><p id="count" role="status"></p></section>\n'
    for number, (heading, note, figures) in enumerate(_sections(source, shown)):
        if figures:
            key = f"section-{number}"
            yield f'<section aria-labelledby="{key}"><h2 id="{key}">{escape(heading)}</h2>\n'
            yield f"<p>{escape(note)}</p>\n" if note else ""
            yield '<div class="figures">\n' + "".join(figures) + "</div></section>\n"
    yield '<section aria-labelledby="jobs"><h2 id="jobs" tabindex="-1">Jobs</h2>\n'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Table of jobs">'
    yield '<table id="table"></table></div><p id="more"></p></section>\n</main>\n'
    yield '<p id="live" role="status" class="hidden"></p>\n'
    yield "<noscript><p>Plots and the table need JavaScript, which is part of this file.</p>"
    yield "</noscript>\n"


def _sections(source: Source, shown: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Heading, note and figures of each section."""
    table, models = source.table, shown["models"]
    known = {column["name"] for column in shown["columns"]}
    objective = one_line(table.objective.name)
    costs = [c for c in table.columns if c is not table.objective and c.name in known]
    yield (
        f"{objective.capitalize()} against cost",
        "Each mark is a job. Jobs without a value of the objective are in the strip below. When a "
        "plot has the keyboard focus, the arrow keys move from mark to mark.",
        [_figure("cost", c.name, c.name, captions.cost(table, c)) for c in costs],
    )
    text = captions.progress(table)
    yield (
        "Front so far" if table.has_front else "Best so far",
        "",
        [
            _figure("progress", "jobs", "Over evaluations", text),
            _figure("progress", "time", "Over time", text),
        ]
        if table.rows
        else [],
    )
    every = f"All hyper-parameters and metrics of the jobs that have a value of {objective}."
    yield (
        "Hyper-parameters together",
        "",
        [_figure("parallel", "", "Parallel coordinates", every, wide=True)] if table.rows else [],
    )
    yield (
        "What matters",
        METHOD if models else "",
        [_figure("importance", m["name"], m["name"], captions.importance(m)) for m in models],
    )
    better = {c.name: "highest" if c.maximised else "lowest" for c in table.columns}
    yield (
        "Along each hyper-parameter",
        "",
        [
            _figure(
                "slices", m["name"], m["name"], captions.slices(m, better[m["name"]]), wide=True
            )
            for m in models
            if m["slices"]
        ],
    )
    yield (
        "Predictions of the models",
        FIT_METHOD if models else "",
        [_figure("fit", m["name"], m["name"], captions.fit(m)) for m in models],
    )
    yield "Learning curves", "", _curves(shown["curves"])


def _curves(curves: Mapping[str, Any]) -> list[str]:
    if not curves["jobs"]:
        return []
    text = f"The {one_line(curves['name'])} after each epoch"
    shown, every = len(curves["jobs"]), curves["all"]
    text += (
        f" of the {shown} best of {every} networks." if shown < every else f" of {every} networks."
    )
    return [_figure("curves", "", "Learning curves", text, wide=True)]


def _figure(kind: str, name: str, title: str, caption: str, *, wide: bool = False) -> str:
    """The place of a plot, with its text alternative."""
    title, caption = escape(one_line(title)), escape(caption)
    return (
        f'<figure data-plot="{kind}" data-name="{escape(name)}"{" class=wide" if wide else ""}>'
        f'<h3>{title}</h3><div class="plot" tabindex="0" role="img" '
        f'aria-label="{title}. {caption}"></div><figcaption>{caption}</figcaption></figure>\n'
    )
