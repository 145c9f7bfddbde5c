"""The size alarm: files over 300 lines or functions over 40 are worth a second look."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES = 300, 40
LEFT_OUT = {".venv", "var", "build", "tests", "migrations"}


def alarms(root: Path = ROOT) -> Iterator[str]:
    """Yield a line for every file or function that has grown too long."""
    for file in sorted(root.rglob("*.py")):
        if LEFT_OUT & set(file.relative_to(root).parts):
            continue
        text = file.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > FILE_LINES:
            yield f"{file.relative_to(root)}: {lines} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield f"{file.relative_to(root)}:{node.lineno}: {node.name}, {length} lines"


if __name__ == "__main__":
    found = list(alarms())
    sys.stdout.write("".join(f"too long: {line}\n" for line in found))
    sys.exit(1 if found else 0)
