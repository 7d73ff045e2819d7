"""The import rule of DESIGN section 2, held by reading every module's imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("features", "models", "training", "serving", "commands", "plumbline")
MAY_IMPORT = {
    "features": set(),
    "models": {"features"},
    "training": {"features", "models"},
    "serving": {"features", "models"},
}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))

# library -> (where it may be imported, what to use elsewhere)
KEPT_IN: dict[str, tuple[tuple[str, ...], str]] = {
    "mlflow": (("training/tracking.py",), "record runs through training/tracking.py"),
    "sqlalchemy": (
        ("features/crm/store.py", "features/crm/tables.py", "features/crm/database.py", "serving/store.py"),
        "ask features/crm/store.py (the history) or serving/store.py (what serving keeps)",
    ),
    "pandas": (("training/",), "use features/columns.py"),
    "sklearn": (("training/",), "fit in training/estimators.py, predict with models/heads"),
    "matplotlib": (("training/",), "draw in training/plots.py"),
    "joblib": (("training/",), "models are read by models/bundle.py; training/tracking.py keeps the analyst's copy"),
    "pickle": ((), "models are JSON and LightGBM text: models/bundle.py"),
    "sqlite3": ((), "ask features/crm/store.py"),
}


def imported(path: Path) -> Iterator[str]:
    """The full name of everything a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name, not relatively"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    package = name.partition("/")[0]
    for module in imported(path):
        top = module.partition(".")[0]
        if top in OURS:
            allowed = MAY_IMPORT[package] | {package}
            assert top in allowed, f"{name} imports {module}: {package} may import only {', '.join(sorted(allowed))}"
        if top in KEPT_IN:
            places, instead = KEPT_IN[top]
            assert name.startswith(places), f"{name} imports {module}: {instead}"


def test_the_test_reads_the_packages() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(MAY_IMPORT)
    assert "numpy" in set(imported(ROOT / "features" / "asof.py"))
