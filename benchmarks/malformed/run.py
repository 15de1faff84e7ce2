"""Malformed templates and config files, by the hundred thousand: none may raise but a UserError.

    python benchmarks/malformed/run.py [--count 220000] [--seed 0]

Half are templates, half are config.json files; of each, a third are valid files with bytes
changed, a third are valid files with parts of their structure changed, a third are grown from a
grammar. What is accepted must hold what accepting promises: a template renders to Python at both
ends of every range and gives variables that config.json may have; a config gives a search space.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.malformed import inputs  # noqa: E402
from hwsearch.errors import UserError as TemplateFault  # noqa: E402
from hwsearch.template import Template  # noqa: E402
from spearmint import config  # noqa: E402
from spearmint.errors import UserError as ConfigFault  # noqa: E402
from spearmint.optimiser.space import Space  # noqa: E402

FAULTS = (TemplateFault, ConfigFault)


def read_template(raw: bytes) -> None:
    """Reads a template; what is accepted must render and be fit for config.json."""
    template = Template.from_bytes(raw)
    for pick in (0, -1):  # both ends
        params = {
            entry.token: entry.options[pick] if entry.options else (entry.low, entry.high)[pick]
            for entry in template.hyperparameters
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd but valid scripts
            ast.parse(template.render(params))
    found = config.parse(
        {"language": "PYTHON", "main-file": "m.py", "variables": template.variables()},
        files=False,
        environ={},
    )
    Space(found.problem.variables)


def read_config(raw: bytes) -> None:
    """Reads a config.json; what is accepted must give a search space."""
    found = config.parse(config.decode(raw), files=False, environ={})
    variables = found.problem.variables
    if sum(variable.size for variable in variables) <= 1000:
        Space(variables)


Maker = Callable[[random.Random], bytes]
KINDS: list[tuple[str, Maker, Callable[[bytes], None]]] = [
    ("template, bytes changed", inputs.template_bytes_changed, read_template),
    ("template, objects changed", inputs.template_objects_changed, read_template),
    ("template, grown", inputs.template_grown, read_template),
    ("config, bytes changed", inputs.config_bytes_changed, read_config),
    ("config, structure changed", inputs.config_structure_changed, read_config),
    ("config, grown", inputs.config_grown, read_config),
]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=220_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--failures", type=Path, help="folder in which to keep inputs that failed")
    flags = parser.parse_args(argv)
    tried: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    failed = 0
    slowest = (0.0, "")
    began = time.perf_counter()
    for number in range(flags.count):
        name, make, read = KINDS[number % len(KINDS)]
        raw = make(random.Random(f"{flags.seed}/{number}"))
        tried[name] += 1
        start = time.perf_counter()
        try:
            read(raw)
        except FAULTS as error:
            rejected[name] += 1
            # Without the warnings about unknown keys, which are printed with the faults.
            lines[name] += len(getattr(error, "faults", str(error).split("\n")))
            if not str(error).strip():
                raise AssertionError(f"input {number}: a fault without a word") from error
        except Exception:
            failed += 1
            if failed <= 5:
                print(f"input {number} ({name}): {raw[:300]!r}", file=sys.stderr)
                traceback.print_exc()
            if flags.failures:
                flags.failures.mkdir(parents=True, exist_ok=True)
                (flags.failures / f"{number}.txt").write_bytes(raw)
        slowest = max(slowest, (time.perf_counter() - start, f"input {number} ({name})"))
    print(f"{'':28}  {'tried':>7}  {'rejected':>8}  {'faults each':>11}")
    for name, *_ in KINDS:
        each = lines[name] / max(rejected[name], 1)
        print(
            f"{name:28}  {tried[name]:7}  {rejected[name] / max(tried[name], 1):8.1%}  {each:11.2f}"
        )
    total = time.perf_counter() - began
    print(f"slowest: {slowest[0]:.3f} s, {slowest[1]}")
    print(
        f"{flags.count} inputs in {total:.0f} s ({time.process_time():.0f} s of CPU), "
        f"{rejected.total() / max(flags.count, 1):.1%} rejected"
    )
    print(f"exceptions other than UserError: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
