"""Compiled code is kept under a hash of what is compiled: of nothing less, and of little more."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

from etude.families import sequence
from etude.families.sequence import compiled_files

HERE = Path(sequence.__file__).parent


def test_all_that_is_compiled_is_in_the_hash_and_what_it_imports_here() -> None:
    kept = set(compiled_files())
    for file in HERE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        marks = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if not marks & {"njit", "njit_fused"} or file.name == "compiling.py":
            continue
        assert file in kept, f"{file.name} is compiled and not in the hash"
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(sequence.__name__ + "."):
                name = (node.module or "").removeprefix(sequence.__name__ + ".").replace(".", "/")
                assert HERE / f"{name}.py" in kept


def test_what_only_calls_compiled_code_is_left_out() -> None:
    names = {file.name for file in compiled_files()}
    assert {"sampling_kernel.py", "transformer_layers.py", "compiling.py"} <= names
    assert not names & {"controls.py", "family.py", "decoder.py", "precompile.py"}


def test_a_kernel_that_comes_along_is_found(tmp_path: Path) -> None:
    shutil.copy(HERE / "compiling.py", tmp_path)
    (tmp_path / "new.py").write_text(
        "from etude.families.sequence.compiling import njit\n"
        "from etude.families.sequence.sizes import WIDE\n\n\n"
        "@njit\ndef wide(x):\n    return x * WIDE\n"
    )
    (tmp_path / "sizes.py").write_text("WIDE = 4\n")
    (tmp_path / "other.py").write_text("from etude.families.sequence.new import wide\n")
    assert [file.name for file in compiled_files(tmp_path)] == ["compiling.py", "new.py", "sizes.py"]
