"""The rules of the house that a linter does not know: words that may not occur, sizes, opening lines, a quick
start.

`make lint` checks the layers with import-linter; here the outside packages are looked for once more, by
reading the files, since an import inside a function or a string is an import too.
"""

from __future__ import annotations

import ast
import re
import resource
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "etude"
FILES = sorted(SRC.rglob("*.py"))
MOST_LINES = 400
MEDIAN_LINES = 150
MOST_CHARACTERS = 110

# Which rooms may import an outside package; an empty set means none.
ROOMS = {
    "torch": {"families", "training", "trace", "audit", "engine"},
    "numba": {"families", "media"},
    "llvmlite": {"families"},
    "sqlite3": {"store"},
    "click": {"cli"},
    "rich": {"cli"},
    "c2pa": {"credentials"},
    "cryptography": {"credentials"},
    "starlette": {"studio"},
    "uvicorn": {"studio"},
    "jinja2": {"studio"},
    **{
        key: set()
        for key in (
            "pickle",
            "shelve",
            "marshal",
            "dill",
            "cloudpickle",
            "joblib",
            "yaml",
            "requests",
            "httpx",
            "urllib3",
        )
    },
}
LAYERS = [  # from the top; a room imports only rooms of a line below its own
    {"cli", "studio"},
    {"api"},
    {"jobs"},
    {"workspace"},
    {"audit", "story", "trace"},
    {"families"},
    {"engine"},
    {"bases", "credentials", "curate", "training"},
    {"media", "store", "takes", "samples"},
    {"stats"},
    {"config", "errors", "rng", "version"},
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACT = next(c for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
CALLS = {
    "eval",
    "exec",
    "torch.load",
    "torch.save",
    "os.system",
    "os.popen",
    "np.random.seed",
    "torch.manual_seed_all",
    "breakpoint",
}


def room(path: Path) -> str:
    """`models` for models/memory.py, `api` for api.py, '' for the package's own __init__ and __main__."""
    part = path.relative_to(SRC).parts[0].removesuffix(".py")
    return "" if part.startswith("__") else part


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> set[str]:
    """Every dotted name that the file imports, wherever in the file; `from etude import errors` counts as
    etude.errors."""
    names: set[str] = set()
    package = ("etude", *path.relative_to(SRC).parts[:-1])
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join([*package[: len(package) - node.level + 1], node.module or ""])
                if node.level
                else node.module or ""
            )
            base = base.strip(".")
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return names


def where(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    assert FILES, "src/etude holds no Python files"


def test_outside_packages_stay_in_their_rooms() -> None:
    wrong = [
        f"{where(path)} imports {package}"
        for path in FILES
        for package in {name.split(".")[0] for name in imported(path)}
        if package in ROOMS and room(path) not in ROOMS[package]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_package_that_is_imported_is_declared() -> None:
    """What happens to be installed here, because something else wanted it, may be missing on another
    machine. What an extra brings may be missing anywhere: it is imported where its absence is caught, or in
    the room that is the extra, which nobody imports (`test_nobody_imports_the_studio`)."""
    declared = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("_", "-")
        for line in PYPROJECT["project"]["dependencies"]
    }
    extras = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("_", "-")
        for lines in PYPROJECT["project"]["optional-dependencies"].values()
        for line in lines
    }
    own_extra = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()
        for line in PYPROJECT["project"]["optional-dependencies"]["studio"]
    }
    owners = packages_distributions()
    wrong = []
    for path in FILES:
        for package in (
            {name.split(".")[0] for name in imported(path)}
            - {"etude", "__future__"}
            - sys.stdlib_module_names
        ):
            names = {name.lower().replace("_", "-") for name in owners.get(package, [])}
            if names & extras and caught(path, package):
                continue
            if names & own_extra and room(path) == "studio":
                continue
            if not names & declared:
                wrong.append(f"{where(path)} imports {package} ({', '.join(names) or 'not installed'})")
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_the_studio() -> None:
    """Its packages may be missing: its one door is a process of its own, behind a check that says so."""
    inside = [
        where(path)
        for path in FILES
        if room(path) != "studio" and any(name.startswith("etude.studio") for name in imported(path))
    ]
    assert not inside, ", ".join(inside)


def caught(path: Path, package: str) -> bool:
    """Whether a file imports a package only inside `try` blocks that catch ImportError."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.Try)
        and any(isinstance(h.type, ast.Name) and h.type.id == "ImportError" for h in block.handlers)
        for statement in block.body
        for node in ast.walk(statement)
    }
    found = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package)
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == package for a in node.names))
    ]
    return bool(found) and all(id(node) in inside for node in found)


def excepted(path: Path, name: str) -> bool:
    """Whether pyproject.toml lets this file import that name across the layers (each exception has its reason
    there)."""
    module = "etude." + ".".join(path.relative_to(SRC).with_suffix("").parts)
    pairs = [line.split(" -> ") for line in CONTRACT["ignore_imports"]]
    return any(
        fnmatch(module, source.replace("**", "*")) and (name + ".").startswith(target + ".")
        for source, target in pairs
    )


def test_imports_go_downwards() -> None:
    height = {name: i for i, names in enumerate(LAYERS) for name in names}
    wrong = []
    for path in FILES:
        own = room(path)
        if not own:
            continue  # the package's front door may name anything, lazily
        assert own in height, f"{where(path)}: {own} is in no layer; add it here and to pyproject.toml"
        for name in imported(path):
            parts = name.split(".")
            if excepted(path, name):
                continue
            if (
                parts[0] == "etude"
                and len(parts) > 1
                and parts[1] in height
                and parts[1] != own
                and height[parts[1]] <= height[own]
            ):
                wrong.append(f"{where(path)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_layers_here_and_in_pyproject_are_the_same() -> None:
    assert [set(re.findall(r"\w+", line)) for line in CONTRACT["layers"]] == LAYERS


def test_no_forbidden_calls() -> None:
    wrong = []
    for path in FILES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            weights_alone = any(
                k.arg == "weights_only" and getattr(k.value, "value", None) is True for k in node.keywords
            )
            if name == "torch.load" and weights_alone and where(path).endswith("pictures/imagenet.py"):
                continue  # a package's file, read without its pickles
            if name in CALLS:
                wrong.append(f"{where(path)}:{node.lineno} calls {name}")
            if any(k.arg == "shell" and getattr(k.value, "value", None) is True for k in node.keywords):
                wrong.append(f"{where(path)}:{node.lineno} starts a shell")
    assert not wrong, "\n".join(wrong)


def test_randomness_only_through_rng() -> None:
    """A shared stream makes a take depend on its neighbours: `random`, and NumPy's unnamed generators, are
    out."""
    wrong = []
    for path in FILES:
        if room(path) == "rng":
            continue
        if "random" in {name.split(".")[0] for name in imported(path)}:
            wrong.append(f"{where(path)} imports random")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "np.random.default_rng",
                "np.random.rand",
                "np.random.randn",
            ):
                wrong.append(f"{where(path)}:{node.lineno} draws from NumPy directly")
    assert not wrong, "\n".join(wrong)


def test_files_open_with_what_they_are() -> None:
    wrong = [where(path) for path in FILES if not ast.get_docstring(tree(path))]
    assert not wrong, "no opening docstring: " + ", ".join(wrong)


def test_files_are_short() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    long = [f"{where(path)}: {n} lines" for path, n in lines.items() if n > MOST_LINES]
    assert not long, f"over {MOST_LINES} lines: " + ", ".join(long)
    assert median(lines.values()) < MEDIAN_LINES


def test_lines_fit_on_a_page() -> None:
    long = [
        f"{where(path)}:{n}"
        for path in tracked()
        if path.suffix == ".py" and path.is_file()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MOST_CHARACTERS
    ]
    assert not long, f"over {MOST_CHARACTERS} characters: " + ", ".join(long)


KINDS = {"text", "music", "image", "video", "sequence", "pictures"}  # media and families by name


def asks_for_a_kind(path: Path) -> Iterator[str]:
    """Where a file compares with the name of a medium or family, or asks for the type of a content or
    generator."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            named = [
                one.value
                for side in sides
                for one in ast.walk(side)
                if isinstance(one, ast.Constant) and one.value in KINDS
            ]
            if named:
                yield f"{where(path)}:{node.lineno} compares with '{named[0]}'"
        elif isinstance(node, ast.Match):
            values = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
            if KINDS & {value for value in values if isinstance(value, str)}:
                yield f"{where(path)}:{node.lineno} matches a medium or family"
        elif isinstance(node, ast.Name) and node.id in ("is_pictorial", "is_sequence"):
            yield f"{where(path)}:{node.lineno} asks {node.id}"


@pytest.mark.parametrize("name", ["api", "cli", "studio", "workspace", "jobs", "takes", "store", "curate"])
def test_no_room_asks_which_medium_or_family_it_has(name: str) -> None:
    asked = [line for path in FILES if room(path) == name for line in asks_for_a_kind(path)]
    assert not asked, "\n".join(asked)


def test_verbs_are_thin() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in FILES if room(path) == "api")
    assert lines <= 3000, f"api has {lines} lines: domain logic has packages of its own"


def test_nothing_is_kept_for_the_process_in_the_workspace() -> None:
    """What is opened belongs to an open project, and goes with it."""
    wrong = [
        f"{where(path)}:{node.lineno}"
        for path in FILES
        if room(path) in ("workspace", "api", "store", "takes")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and node.id in ("lru_cache", "cache", "ContextVar")
    ]
    assert not wrong, "caches of the process: " + ", ".join(wrong)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout: which files belong to the project is not known")
    return [ROOT / name for name in done.stdout.split("\0") if name]


def test_no_paths_of_one_machine() -> None:
    """Whoever clones the project has no such folders, and need not know ours."""
    one_machine = re.compile(rb"(?<![\w.])/(?:[w]ork|[f]arm|[r]oot|[t]mp|[h]ome/\w+|Users/\w+)/[A-Za-z]")
    wrong = []
    for path in tracked():
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        data = path.read_bytes()
        if b"\0" in data[:4096]:
            continue
        for n, line in enumerate(data.splitlines(), 1):
            if one_machine.search(line):
                wrong.append(f"{where(path)}:{n}")
    assert not wrong, ", ".join(wrong)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['etude', '--help']\n"
        "from etude.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "heavy = {'torch', 'numba', 'numpy', 'rich', 'lxml', 'c2pa', 'verovio', 'tokenizers'} & "
        "set(sys.modules)\n"
        "sys.exit(f'etude --help imports {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "learn" in done.stdout


def test_what_makes_takes_on_a_base_waits_for_no_pytorch() -> None:
    code = (
        "import sys\n"
        "import etude.families.sequence.generator, etude.families.sequence.networks.adapted\n"
        "import etude.families.sequence.make.drawing, etude.families.sequence.make.block_resampling\n"
        "sys.exit('PyTorch is imported' if 'torch' in sys.modules else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def cpu_s(*arguments: str, times: int = 5) -> float:
    """The least processor time (user + system, seconds) of a child Python over a few runs: it does not mind a
    busy machine."""
    least = float("inf")
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def test_help_starts_quickly() -> None:
    """Under 150 ms on a laptop, where `import click` alone takes some 60: said as a ratio, so that any
    machine can check it."""
    ours = cpu_s("-c", "import sys; sys.argv = ['etude', '--help']\nfrom etude.cli.main import main\nmain()")
    click = cpu_s("-c", "import click")
    assert ours < 2.0 * click, (
        f"etude --help takes {ours * 1e3:.0f} ms of processor time, import click {click * 1e3:.0f} ms"
    )
