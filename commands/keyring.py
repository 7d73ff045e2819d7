"""Keys that programs present to the service: made once, shown once, only their hash is kept."""

from pathlib import Path
from typing import Annotated

import typer

keys_app = typer.Typer(no_args_is_help=True, help="Keys that programs present to the service.")


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    file: Annotated[Path, typer.Option(help="The list of accepted keys (PLUMBLINE_API_KEYS).")] = Path("keys.txt"),
    again: Annotated[bool, typer.Option("--again", help="Make another key for a name that has one.")] = False,
) -> None:
    """Make a key, keep its hash in the list, and show it this once: alone on standard output."""
    key = new_key(file, name, again=again)
    typer.echo(
        f"Its hash is in {file}. The key itself is shown this once; a program sends it in the header "
        "Authorization: Bearer KEY.\n"
        f"Serve with it: PLUMBLINE_API_KEYS={file} plumbline serve",
        err=True,
    )
    typer.echo(key)


def new_key(file: Path, name: str, *, again: bool = False) -> str:
    """A key of that name, its hash added to the list. Raises ValueError for a name that has one, unless `again`."""
    from serving.keys import hash_of, make_key

    name = " ".join(name.split())
    if not again and name in _names(file):
        raise ValueError(f"{file} has a key named {name!r}: take another name, or --again for one more")
    key = make_key()
    with file.open("a", encoding="utf-8") as listed:
        listed.write(f"{hash_of(key)} {name}\n")
    file.chmod(0o600)
    return key


def _names(file: Path) -> set[str]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {line.partition(" ")[2] for line in lines if line and not line.startswith("#")}
