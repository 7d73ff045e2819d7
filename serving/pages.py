"""Pages printed from templates: facts first, page second."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from serving.errors import KINDS


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint as the documentation page shows it. `fields` of its request are (name, type, says)."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]
    statuses: tuple[tuple[str, str], ...]
    curl: str
    fields: tuple[tuple[str, str, str], ...]
    answer: str


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
    problems = tuple((kind.slug, kind.status, (kind.__doc__ or "").partition("\n")[0]) for kind in KINDS)
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
                tuple(_fields(openapi, operation)),
                json.dumps(_answer(openapi, operation), indent=2, ensure_ascii=False),
            )


def _curl(openapi: dict[str, Any], method: str, url: str, operation: dict[str, Any], keyless: bool) -> str:
    lines = [f"curl -s {shlex.quote(url)}" if method == "get" else f"curl -s -X {method.upper()} {shlex.quote(url)}"]
    if operation.get("security") and not keyless:
        lines.append('-H "Authorization: Bearer $PLUMBLINE_KEY"')
    example = _example(openapi, operation)
    if example is not None:
        lines += [
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(json.dumps(example, indent=2, ensure_ascii=False))}",
        ]
    return " \\\n  ".join(lines)


def _example(openapi: dict[str, Any], operation: dict[str, Any]) -> Any:
    body = operation.get("requestBody")
    if body is None:
        return None
    return _schema_of(openapi, body)["examples"][0]


def _answer(openapi: dict[str, Any], operation: dict[str, Any]) -> Any:
    """What the endpoint answers, for example."""
    return _schema_of(openapi, operation["responses"]["200"])["examples"][0]


def _schema_of(openapi: dict[str, Any], holder: dict[str, Any]) -> dict[str, Any]:
    return _named(openapi, holder["content"]["application/json"]["schema"]["$ref"])


def _named(openapi: dict[str, Any], reference: str) -> dict[str, Any]:
    schema: dict[str, Any] = openapi["components"]["schemas"][reference.rpartition("/")[2]]
    return schema


def _fields(openapi: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The fields of a request: its parts, and those of the record it is about."""
    body = operation.get("requestBody")
    for name, field in _schema_of(openapi, body)["properties"].items() if body else ():
        record = _named(openapi, field["$ref"]) if "$ref" in field else {}
        yield name, "object" if record else _type(field), field.get("description", record.get("description", ""))
        for part, inner in record.get("properties", {}).items():
            needed = "required" if part in record.get("required", ()) else ""
            says = "; ".join(text for text in (needed, inner.get("description", "")) if text)
            yield f"{name}.{part}", _type(inner), says


def _type(field: dict[str, Any]) -> str:
    """A field's type in a word or two.

    >>> _type({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}), _type({"type": "array"})
    ('number or string', 'list of objects')
    """
    kinds = [item.get("type", "object") for item in field.get("anyOf", [field])]
    return " or ".join("list of objects" if kind == "array" else kind for kind in kinds if kind != "null")


def marked(text: str) -> Markup:
    """A text whose words between backticks are code, safe to print.

    >>> str(marked("send `lead_id` < 9"))
    'send <code>lead_id</code> &lt; 9'
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).with_name("templates")
    loader = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    loader.filters["marked"] = marked
    return loader.get_template(name)
