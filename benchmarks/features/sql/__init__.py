"""The catalogue as DuckDB SQL, from each row's own declaration: what a good engineer would write for a million rows.

`known` is every field as it read at each row's as-of: an ASOF join per field that changes. A record's own events are
joined once a source, cut at as-of, each filter computed once an event, then one count or sum a feature; streams across
records are running totals looked up by ASOF joins at both ends of a window. Tried and slower: running totals of a
record's own events, `count(*) FILTER (...)` in place of `count_if`, filters repeated in every feature.
"""
