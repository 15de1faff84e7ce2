"""Which tracer is taken."""

from __future__ import annotations

from hwsearch.counting import tracing
from hwsearch.keras_runtime import keras


def test_the_tracer_is_that_of_the_backend(monkeypatch):
    backend = keras.backend.backend()
    assert type(tracing.tracer()).__module__.endswith(tracing.BACKENDS[backend])
    monkeypatch.setattr(keras.backend, "backend", lambda: "other")
    assert tracing.tracer() is None
