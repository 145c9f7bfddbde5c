"""The score of a mutation run, module by module: `python -m tests.proof.score var/mutation`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SURVIVED, UNTESTED = 0, 33
"""What mutmut notes for a fault that no test noticed, and for one that no test reaches."""


def tally(folder: Path) -> dict[str, Counter[str]]:
    """Return for each module how many faults there are, were tried, and were noticed."""
    found = {}
    for file in sorted((folder / "mutants").rglob("*.py.meta")):
        codes = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        tried = [code for code in codes if code is not None]
        if tried:
            missed = sum(code in {SURVIVED, UNTESTED} for code in tried)
            name = f"{file.relative_to(folder / 'mutants')}".removesuffix(".meta")
            found[name] = Counter(all=len(codes), tried=len(tried), noticed=len(tried) - missed)
    return found


def table(modules: dict[str, Counter[str]]) -> Iterator[str]:
    """Yield the score as lines of a Markdown table; a score is rounded down."""
    yield "| Module | Faults | Tried | Noticed | Score |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    whole = sum(modules.values(), Counter[str]())
    for name, one in (*modules.items(), ("all", whole)):
        percent = 100 * one["noticed"] // max(one["tried"], 1)
        yield f"| {name} | {one['all']} | {one['tried']} | {one['noticed']} | {percent} % |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table(tally(Path(sys.argv[1])))) + "\n")
