"""Fields as known at as-of."""

from dataclasses import dataclass, field

from benchmarks.features.sql.phrases import Tables, key_of, quoted


@dataclass(slots=True)
class Known:
    """Collects the fields that features name, then says the statements that look them up.

    In these statements `r` is the row asked, `k` the row with its own fields, `account` and `contact` what it names.
    """

    tables: Tables
    own: dict[str, None] = field(default_factory=dict)
    entered: dict[str, None] = field(default_factory=dict)
    linked: dict[tuple[str, str], None] = field(default_factory=dict)
    turned: dict[str, list[str]] = field(default_factory=dict)
    team: bool = False
    placed: bool = False

    def field(self, reference: str) -> str:
        """The first known of `title|contact.title`; null where no record has such a field."""
        parts = [part for name in reference.split("|") if (part := self._one(name))]
        return f"coalesce({', '.join(parts)})" if len(parts) > 1 else (parts or ["null"])[0]

    def through(self, column: str, turn: str) -> str:
        """The words of a column turned into another word, from the table that says what each becomes."""
        table = f"words of {column}"
        if table not in self.tables:
            return "null"
        self.turned.setdefault(column, [self.field(reference) for reference in column.split(" + ")])
        return f"{quoted(table)}.{quoted(turn)}"

    def since(self, name: str) -> str:
        """When one of the record's own fields took its present value."""
        self.entered[name] = None
        return f"k.{quoted(f'{name}:entered')}"

    def place(self) -> str:
        """The place of the present stage in its process."""
        self.placed = True
        self.own |= {"process": None, "stage": None}
        return "stages.place"

    def key(self, by: str) -> str:
        """The column of `known` that a stream across records is looked up by."""
        name = key_of(by)
        self.team = self.team or name == "team"
        self.own["owner_id" if name == "team" else name] = None
        return name

    def _one(self, name: str) -> str:
        entity, _, column = name.rpartition(".")
        if column not in self.tables.get(entity or "own", ()):
            return ""
        self.own[f"{entity}_id" if entity else column] = None
        if not entity:
            return f"k.{quoted(column)}"
        self.linked[entity, column] = None
        return self._value(entity, entity, column, "k.as_of")

    def _value(self, table: str, alias: str, column: str, at: str) -> str:
        """A field at an instant: its latest change's, else its first value from when that is believed."""
        since = f"{column}:since" if f"{column}:since" in self.tables[table] else "created"
        first = f"{alias}.{quoted(column)}"
        if (table, since) != ("own", "created"):  # a row is never older than its own record
            first = f"CASE WHEN {at} >= {alias}.{quoted(since)} THEN {first} END"
        if f"{table}__{column}" not in self.tables:
            return first
        changed = quoted(f"{table}__{column}")
        return f"CASE WHEN {changed}.time IS NOT NULL THEN {changed}.{quoted(column)} ELSE {first} END"

    def _changed(self, table: str, alias: str, column: str, at: str) -> str:
        name = quoted(f"{table}__{column}")
        if f"{table}__{column}" not in self.tables:
            return ""
        return f"ASOF LEFT JOIN {name} ON {name}.record = {alias}.record AND {name}.time < {at}"

    def statement(self) -> str:
        """`known`: one row a row, with the record's own fields and its owner's team."""
        columns = [f"{self._value('own', 'o', name, 'r.as_of')} AS {quoted(name)}" for name in self.own]
        columns += [f"{self._entered(name)} AS {quoted(f'{name}:entered')}" for name in self.entered]
        names = dict.fromkeys([*self.own, *self.entered])
        joins = " ".join(self._changed("own", "r", name, "r.as_of") for name in names)
        wanted = ", ".join(["r.*", "o.created", *columns])
        inner = f"SELECT {wanted} FROM rows r JOIN own o ON o.record = r.record {joins}"
        if not self.team:
            return f"CREATE OR REPLACE TABLE known AS {inner}"
        team = self._value("owner", "owner", "team", "v.as_of")
        return f"""CREATE OR REPLACE TABLE known AS SELECT v.*, {team} AS team FROM ({inner}) v
          LEFT JOIN owner ON owner.owner_id = v.owner_id {self._changed("owner", "owner", "team", "v.as_of")}"""

    def _entered(self, name: str) -> str:
        since, told, entered = (
            f"o.{quoted(f'{name}:{what}')}" if f"{name}:{what}" in self.tables["own"] else "o.created"
            for what in ("since", "told", "entered")
        )
        first = f"CASE WHEN r.as_of >= {since} AND r.as_of >= {told} THEN {entered} END"
        changed = quoted(f"own__{name}")
        return f"coalesce({changed}.time, {first})" if f"own__{name}" in self.tables else first

    def joins(self) -> str:
        """What the statement of values joins to `known`: the linked records, words turned into others, stages."""
        parts = []
        for entity in dict.fromkeys(entity for entity, _ in self.linked):
            parts.append(f"LEFT JOIN {entity} ON {entity}.{entity}_id = k.{entity}_id")
        parts += [self._changed(entity, entity, column, "k.as_of") for entity, column in self.linked]
        for column, (first, *rest) in self.turned.items():
            table = quoted(f"words of {column}")
            same = "".join(f" AND {table}.w{place} IS NOT DISTINCT FROM {word}" for place, word in enumerate(rest, 1))
            parts.append(f"LEFT JOIN {table} ON {table}.w0 = {first}{same}")
        same = "stages.process = k.process AND stages.stage = k.stage AND stages.time < k.as_of"
        parts += [f"ASOF LEFT JOIN stages ON {same}"] * self.placed
        return " ".join(parts)
