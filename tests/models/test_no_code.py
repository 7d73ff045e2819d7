"""A model file cannot run code: nothing that unpickles can be reached from `models` or `serving`."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BANNED = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal", "torch"}
CALLS = {"eval", "exec", "compile", "__import__", "np.load", "numpy.load"}


def modules(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*.py") if "artifacts" not in path.parts]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reachable() -> dict[Path, ast.AST]:
    """Every module of ours that models or serving import, directly or through others."""
    found: dict[Path, ast.AST] = {}
    waiting = modules("models") + modules("serving")
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = ast.parse(path.read_text(encoding="utf-8"))
            for name in imported(found[path]):
                base = ROOT.joinpath(*name.split("."))
                waiting += [own for own in (base.with_suffix(".py"), base / "__init__.py") if own.exists()]
    return found


def faults(tree: ast.AST) -> Iterator[str]:
    yield from (name for name in imported(tree) if name.split(".")[0] in BANNED)
    called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yield from (f"{name}()" for name in called if name in CALLS)


def test_nothing_reachable_unpickles() -> None:
    walked = reachable()
    assert ROOT / "models" / "bundle.py" in walked
    assert ROOT / "features" / "columns.py" in walked
    found = {str(path.relative_to(ROOT)): list(faults(tree)) for path, tree in walked.items()}
    assert not {path: names for path, names in found.items() if names}


def test_the_walk_sees_what_it_bans() -> None:
    text = "import joblib\nfrom pickle import loads\nnp.load(x)\neval(y)"
    assert {"joblib", "pickle", "pickle.loads", "np.load()", "eval()"} == set(faults(ast.parse(text)))
