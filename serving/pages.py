"""Pages printed from templates: facts first, page second."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from serving.errors import KINDS


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint as the documentation page shows it."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]
    statuses: tuple[tuple[str, str], ...]
    curl: str


@dataclass(frozen=True, slots=True)
class DocsPage:
    """What the documentation page prints. `problems` are (slug, status, title)."""

    title: str
    description: str
    keyless: bool
    operations: tuple[Operation, ...]
    problems: tuple[tuple[str, int, str], ...]


def docs_page(openapi: dict[str, Any], base: str, keyless: bool) -> str:
    """The documentation page of an OpenAPI description, as HTML."""
    info = openapi["info"]
    problems = tuple((kind.slug, kind.status, (kind.__doc__ or "").strip()) for kind in KINDS)
    operations = tuple(_operations(openapi, base, keyless))
    page = DocsPage(info["title"], info["description"], keyless, operations, problems)
    return _template("docs.html").render(page=page)


def _operations(openapi: dict[str, Any], base: str, keyless: bool) -> Iterator[Operation]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            yield Operation(
                method.upper(),
                path,
                operation.get("description", ""),
                tuple((item["name"], item.get("description", "")) for item in parameters),
                tuple((status, answer["description"]) for status, answer in operation["responses"].items()),
                _curl(openapi, method, base + path, operation, keyless),
            )


def _curl(openapi: dict[str, Any], method: str, url: str, operation: dict[str, Any], keyless: bool) -> str:
    lines = [f"curl -s {shlex.quote(url)}" if method == "get" else f"curl -s -X {method.upper()} {shlex.quote(url)}"]
    if operation.get("security") and not keyless:
        lines.append('-H "Authorization: Bearer $PLUMBLINE_KEY"')
    example = _example(openapi, operation)
    if example is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(example, ensure_ascii=False))}"]
    return " \\\n  ".join(lines)


def _example(openapi: dict[str, Any], operation: dict[str, Any]) -> Any:
    body = operation.get("requestBody")
    if body is None:
        return None
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return openapi["components"]["schemas"][name]["examples"][0]


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).with_name("templates")
    loader = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return loader.get_template(name)
