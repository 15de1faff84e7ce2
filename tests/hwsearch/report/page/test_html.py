"""The text of the page: complete in itself, and safe whatever names contain."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hwsearch.report.page.document import Source, document
from hwsearch.report.page.html import ASSETS, as_script, page
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.page import samples

#: Bytes that a page of 1,000 jobs may have.
LARGEST = 6_000_000


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def source():
    return samples.source(24)


@pytest.fixture(scope="module")
def text(source):
    return page(source)


def test_nothing_of_a_name_becomes_markup(text):
    elements = Elements(text)
    assert not elements.all("img")
    assert not elements.all("b")
    assert len(elements.all("script")) == 4
    without_scripts = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", without_scripts)


def test_the_document_is_in_it(source, text):
    found = re.search(r'<script type="application/json" id="document">(.*?)</script>', text)
    assert json.loads(found[1]) == document(source)


def test_nothing_is_loaded_from_elsewhere(text):
    elements = Elements(text)
    assert not elements.all("link")
    assert not any("src" in attributes for attributes in elements.all("script"))
    policy = elements.all("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.partition("style-src")[0]


def test_each_plot_has_a_text_alternative(text):
    plots = [each for each in Elements(text).all("div") if each.get("class") == "plot"]
    # Cost, twice progress, parallel, twice each: importance, slices, fit; curves
    assert len(plots) == 11
    for plot in plots:
        assert plot["role"] == "img"
        assert plot["tabindex"] == "0"
        assert len(plot["aria-label"]) > 30


def test_a_running_search_says_so(source, text):
    words = "The search is running"
    assert words not in text
    assert words in page(replace(source, running=True))


def test_paused_networks_and_those_stopped_early_are_not_called_running(text):
    documents = samples.jobs(4)
    changes = ({"status": "pending"}, {"status": "new"}, {"status": "paused"})
    for job, change in zip(documents, (*changes, {"status": "paused", "ended": "x"}), strict=True):
        job.update(change)
    shown = document(Source(RunTable.of_run(samples.SETTINGS, documents), "today"))
    assert {job["group"] for job in shown["rows"]} == {"running"}
    assert 'running: ["not finished", ' in text


def test_a_run_without_jobs_and_one_with_an_odd_name():
    settings = replace(samples.SETTINGS, experiment_name='x"><script>alert(1)</script>')
    text = page(Source(RunTable.of_run(settings, []), "today"))
    assert len(Elements(text).all("script")) == 4
    assert "no jobs yet" in text


def test_the_size_of_the_page_of_a_thousand_jobs():
    documents = samples.jobs(1000, epochs=50)
    table = RunTable.of_run(samples.SETTINGS, documents, samples.template())
    assert 1_500_000 < len(page(Source(table, "today")).encode()) < LARGEST / 2


def test_signs_in_scripts():
    text = as_script({"a": "</script><!-- & \u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


def test_plotly_is_the_file_that_is_documented():
    digest = hashlib.sha256((ASSETS / "plotly-basic.min.js").read_bytes()).hexdigest()
    assert digest in (ASSETS / "README.md").read_text(encoding="utf-8")
