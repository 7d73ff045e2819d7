"""When a value is known, in plain SQL over the raw canonical tables: DESIGN section 3 written again for the oracle.

`record` lists every lead, opportunity, account, contact and owner; `current` its values as exported; `step` the changes
of each field; `line` what each field first was, from when that may be believed and since when it was so; `ended` the
ends and reopenings of leads and opportunities; `happened` and `plan` the activities of each record.
"""

DAY = 86_400_000_000
NEVER = 2**63 - 1
ALWAYS = -(2**63)

SCHEMA = """
CREATE TABLE record (entity, id, crm, created, first_seen);
CREATE TABLE current (entity, id, field, value);
CREATE TABLE step (entity, id, field, occurred, known, seen, crm, old, new, turn, place);
CREATE TABLE line (entity, id, field, first, since, entered, told);
CREATE TABLE ended (entity, id, known, at, state);
CREATE INDEX a ON current (entity, id, field); CREATE INDEX b ON step (entity, id, field);
CREATE INDEX c ON line (entity, id, field); CREATE INDEX d ON ended (entity, id); CREATE INDEX e ON record (entity, id);
"""

MOMENT = """(s.entity, s.id, s.field, s.known, s.occurred)
  = (step.entity, step.id, step.field, step.known, step.occurred)"""
FIELD = "(s.entity, s.id, s.field) = (walk.entity, walk.id, walk.field)"
LATER = f"{FIELD} AND (s.known, s.occurred) > (walk.known, walk.occurred)"
STEPS = f"""
INSERT INTO step SELECT c.entity, c.entity_id, c.field, c.occurred_at,
  MAX(c.occurred_at, COALESCE(c.recorded_at, c.occurred_at)), c.seen, c.crm, read(c.entity, c.field, c.old),
  read(c.entity, c.field, c.new), 0, 0
FROM changes c JOIN record r ON r.entity = c.entity AND r.id = c.entity_id;
-- a change recorded once a later one was known alters nothing
DELETE FROM step WHERE EXISTS (SELECT 1 FROM step s WHERE s.entity = step.entity AND s.id = step.id
  AND s.field = step.field AND s.known < step.known AND s.occurred > step.occurred);
-- those of one moment follow from one another, old to new: the longest such walk, last; where it can end in several
-- ways, it ends where the next moment begins or, being the last, at what the record says
CREATE TABLE walked AS WITH RECURSIVE walk (entity, id, field, known, occurred, path, reached, steps) AS (
  SELECT entity, id, field, known, occurred, '|' || rowid || '|', new, 1 FROM step WHERE EXISTS
    (SELECT 1 FROM step s WHERE {MOMENT} AND s.rowid <> step.rowid)
  UNION ALL SELECT walk.entity, walk.id, walk.field, walk.known, walk.occurred, path || s.rowid || '|', s.new, steps + 1
    FROM walk JOIN step s ON {FIELD} AND (s.known, s.occurred) = (walk.known, walk.occurred)
    WHERE s.old IS reached AND NOT INSTR(path, '|' || s.rowid || '|'))
SELECT *, ROW_NUMBER() OVER (PARTITION BY entity, id, field, known, occurred ORDER BY steps DESC, NOT CASE
    WHEN EXISTS (SELECT 1 FROM step s WHERE {LATER}) THEN EXISTS (SELECT 1 FROM step s WHERE {LATER}
      AND (s.known, s.occurred) = (SELECT s.known, s.occurred FROM step s WHERE {LATER} ORDER BY 1, 2 LIMIT 1)
      AND s.old IS reached)
    ELSE reached IS (SELECT value FROM current s WHERE {FIELD}) END, path) AS choice FROM walk;
UPDATE step SET turn = INSTR((SELECT path FROM walked s WHERE {MOMENT} AND choice = 1), '|' || rowid || '|')
  WHERE EXISTS (SELECT 1 FROM walked s WHERE {MOMENT});
UPDATE step SET place = (SELECT COUNT(*) FROM step s WHERE s.entity = step.entity AND s.id = step.id
  AND s.field = step.field AND (s.known, s.occurred, s.turn, IFNULL(s.old, '~'), IFNULL(s.new, '~'))
  < (step.known, step.occurred, step.turn, IFNULL(step.old, '~'), IFNULL(step.new, '~')));
"""

# what a deal said of the date it closed, and when such a date was known to have come
CLOSINGS = f"""
CREATE TABLE dated AS SELECT *, LEAD(since, 1, {NEVER}) OVER (PARTITION BY id ORDER BY since, place) AS until FROM
  (SELECT *, LAG(date, 1, 'none') OVER (PARTITION BY id ORDER BY since, place) AS before FROM
    (SELECT o.opportunity_id AS id, {ALWAYS} AS since, -1 AS place, CASE
       WHEN EXISTS (SELECT 1 FROM step s WHERE {{closed_at}} AND s.known <= o.created_at)
         THEN (SELECT new FROM step s WHERE {{closed_at}} AND s.known <= o.created_at ORDER BY place DESC LIMIT 1)
       WHEN EXISTS (SELECT 1 FROM step s WHERE {{closed_at}})
         THEN (SELECT old FROM step s WHERE {{closed_at}} ORDER BY place LIMIT 1)
       ELSE o.closed_at END AS date FROM opportunities o
     UNION ALL SELECT s.id, s.known, s.place, s.new FROM step s JOIN opportunities o ON {{closed_at}}
       AND s.known > o.created_at))
  WHERE before IS NOT date;
CREATE TABLE come AS SELECT id, MAX(since, date) AS known, date FROM dated WHERE MAX(since, date) < until;
""".replace("{closed_at}", "s.entity = 'opportunity' AND s.id = o.opportunity_id AND s.field = 'closed_at'")

# the end a record was in is known from its change, else from the date it stated then; never before the record is
OUTCOMES = "(SELECT * FROM step WHERE entity = 'opportunity' AND field = 'outcome')"
LAST = f"(SELECT MAX(x.place) FROM {OUTCOMES} x WHERE x.id = o.opportunity_id)"
DEALS_ENDED = f"""
INSERT INTO ended SELECT s.entity, s.id, s.known, CASE WHEN s.new = o.outcome AND s.place = {LAST}
    THEN MIN(s.known, IFNULL((SELECT date FROM dated d WHERE d.id = s.id AND d.since <= MAX(s.known, o.created_at)
      ORDER BY d.since DESC, d.place DESC LIMIT 1), s.occurred))
    ELSE s.occurred END, s.new FROM {OUTCOMES} s JOIN opportunities o ON o.opportunity_id = s.id ORDER BY s.id, s.place;
INSERT INTO ended SELECT 'opportunity', o.id, MAX(o.created_at, IFNULL(c.known, o.first_seen)),
    IFNULL(c.date, o.first_seen), o.outcome FROM
  (SELECT *, IFNULL((SELECT MIN(c.known) FROM come c WHERE c.id = o.id AND c.known > o.told),
     (SELECT MAX(c.known) FROM come c WHERE c.id = o.id)) AS closed FROM
    (SELECT *, opportunity_id AS id, IFNULL((SELECT known FROM {OUTCOMES} x WHERE x.id = o.opportunity_id
       AND x.place = {LAST}), {ALWAYS}) AS told FROM opportunities o) o) o
  LEFT JOIN come c ON c.id = o.id AND c.known = o.closed
  WHERE o.outcome IS NOT (SELECT new FROM {OUTCOMES} x WHERE x.id = o.id ORDER BY x.place DESC LIMIT 1);
INSERT INTO ended SELECT 'opportunity', s.id, MAX(o.created_at, IFNULL(c.known, o.first_seen)),
    IFNULL(c.date, o.first_seen), s.old FROM {OUTCOMES} s JOIN opportunities o ON o.opportunity_id = s.id
  LEFT JOIN come c ON c.id = s.id AND c.known = (SELECT MIN(x.known) FROM come x WHERE x.id = s.id)
  WHERE s.place = 0 AND s.old IS NOT NULL AND IFNULL(c.known, o.first_seen) < s.known;
"""

LEADS_ENDED = """
INSERT INTO ended SELECT 'lead', id, MAX(known, IFNULL(new, known)), IFNULL(new, occurred),
  IIF(new IS NULL, NULL, '{state}') FROM step WHERE entity = 'lead' AND field = '{field}' ORDER BY id, place;
INSERT INTO ended SELECT 'lead', l.lead_id, MAX(s.old, l.created_at), s.old, '{state}' FROM leads l JOIN step s
  ON s.entity = 'lead' AND s.field = '{field}' AND s.id = l.lead_id WHERE s.place = 0 AND s.old < s.known;
INSERT INTO ended SELECT 'lead', l.lead_id, MAX(l.{field}, l.created_at), l.{field}, '{state}' FROM leads l
  WHERE l.{field} IS NOT NULL AND l.{field} IS NOT
    (SELECT new FROM step s WHERE s.entity = 'lead' AND s.field = '{field}'
    AND s.id = l.lead_id ORDER BY place DESC LIMIT 1);
"""
NAMED = "(SELECT MIN(o.created_at) FROM opportunities o WHERE o.lead_id = l.lead_id)"
NAMED_SINCE = f"""
INSERT INTO ended SELECT 'lead', lead_id, MAX({NAMED}, created_at), {NAMED}, 'reached' FROM leads l
  WHERE {NAMED} IS NOT NULL;
"""
CONVERTED = "(SELECT MIN(known) FROM ended e WHERE e.entity = 'lead' AND e.id = step.id AND e.state = 'reached')"

# an event that repeats the state before it, or reopens what was open, tells nothing
REPEATS = """
DELETE FROM ended WHERE state IS (SELECT e.state FROM ended e WHERE e.entity = ended.entity AND e.id = ended.id
  AND (e.known, e.at, e.rowid) < (ended.known, ended.at, ended.rowid)
  ORDER BY e.known DESC, e.at DESC, e.rowid DESC LIMIT 1);
"""

LINES = f"""
INSERT INTO line SELECT c.entity, c.id, c.field,
  CASE WHEN EXISTS (SELECT 1 FROM step s WHERE s.entity = c.entity AND s.id = c.id AND s.field = c.field
      AND s.known <= r.created)
    THEN (SELECT new FROM step s WHERE s.entity = c.entity AND s.id = c.id AND s.field = c.field
      AND s.known <= r.created ORDER BY place DESC LIMIT 1)
  WHEN EXISTS (SELECT 1 FROM step s WHERE s.entity = c.entity AND s.id = c.id AND s.field = c.field)
    THEN (SELECT old FROM step s WHERE s.entity = c.entity AND s.id = c.id AND s.field = c.field ORDER BY place LIMIT 1)
  ELSE c.value END,
  CASE WHEN NOT overwritten(c.entity, c.field) THEN IFNULL(r.created, {ALWAYS}) ELSE MIN(
    -- known from the instant we first saw it, and never for a record already closed then
    CASE WHEN (SELECT state FROM ended e WHERE e.entity = c.entity AND e.id = c.id AND e.known <= r.first_seen
        ORDER BY known DESC, at DESC, rowid DESC LIMIT 1) IS NOT NULL THEN {NEVER}
      ELSE MAX(r.first_seen, IFNULL(r.created, {ALWAYS})) END,
    -- or from creation where its source kept the field's history by then; that it does is known once a change row is
    IFNULL((SELECT CASE WHEN h.since <= r.created THEN MAX(r.created, h.row + 1) END FROM history h
      WHERE h.entity = c.entity AND h.field = c.field AND h.crm = r.crm), {NEVER})) END,
  -- since when it had that value, and when that was first told
  r.created, CASE WHEN NOT overwritten(c.entity, c.field) THEN r.created ELSE
    (SELECT MAX(r.created, h.row + 1) FROM history h WHERE h.entity = c.entity
      AND h.field = c.field AND h.crm = r.crm AND h.since <= r.created) END
FROM current c JOIN record r ON r.entity = c.entity AND r.id = c.id;
-- changes at or before creation are creation values; a change to the same value is none
DELETE FROM step WHERE known <= (SELECT created FROM record r WHERE r.entity = step.entity AND r.id = step.id);
ALTER TABLE step ADD COLUMN before;
UPDATE step SET before = CASE WHEN EXISTS (SELECT 1 FROM step s WHERE s.entity = step.entity AND s.id = step.id
    AND s.field = step.field AND s.place < step.place)
  THEN (SELECT new FROM step s WHERE s.entity = step.entity AND s.id = step.id AND s.field = step.field
    AND s.place < step.place ORDER BY place DESC LIMIT 1)
  ELSE (SELECT first FROM line l WHERE l.entity = step.entity AND l.id = step.id AND l.field = step.field) END;
DELETE FROM step WHERE before IS new;
-- a lead's account and contact count only if set before its conversion: by a change, or if they are older than it
DELETE FROM step WHERE entity = 'lead' AND field IN ('account_id', 'contact_id')
  AND known >= {CONVERTED};
UPDATE line SET first = NULL WHERE entity = 'lead' AND field IN ('account_id', 'contact_id') AND NOT EXISTS
  (SELECT 1 FROM record a, record r WHERE a.entity || '_id' = field AND a.id = first AND r.entity = 'lead'
   AND r.id = line.id AND a.created <= r.created);
-- a link to what was made later than the record is known once that is
CREATE TABLE made AS SELECT l.entity, l.id, l.field, a.created AS at FROM line l
  JOIN record r ON r.entity = l.entity AND r.id = l.id
  JOIN record a ON a.entity = SUBSTR(l.field, 1, LENGTH(l.field) - 3) AND a.id = l.first
  WHERE l.field IN ('account_id', 'contact_id', 'lead_id') AND a.created > r.created;
CREATE INDEX f ON made (entity, id, field);
UPDATE line SET since = IFNULL((SELECT at + 1 FROM made m WHERE (m.entity, m.id, m.field)
  = (line.entity, line.id, line.field)), since);
"""

# history reaches back to the source's first record when changes start within a week of it
HISTORY = f"""
CREATE TABLE history AS SELECT entity, field, crm, row, IIF(row - first <= {7 * DAY}, first, row) AS since FROM
  (SELECT c.entity, c.field, c.crm, MIN(MAX(c.occurred_at, IFNULL(c.recorded_at, c.occurred_at))) AS row,
     IFNULL((SELECT MIN(created) FROM record r WHERE r.entity = c.entity AND r.crm = c.crm), {NEVER}) AS first
   FROM changes c WHERE IFNULL(c.seen, 0) = 0 GROUP BY 1, 2, 3);
"""

HAPPENED = """
CREATE TABLE happened AS SELECT *, known - LAG(known) OVER w AS delay,
  CASE WHEN direction <> LAG(direction) OVER w THEN IIF(direction = 'out', 'ours', 'theirs') END AS reply,
  IIF(contact_id IS NOT NULL AND ROW_NUMBER() OVER
    (PARTITION BY entity, id, contact_id ORDER BY known, activity_id) = 1, 'new', NULL) AS person,
  IIF(owner_id IS NOT NULL AND ROW_NUMBER() OVER
    (PARTITION BY entity, id, owner_id ORDER BY known, activity_id) = 1, 'new', NULL) AS colleague FROM
  -- it was with nobody if its contact was made later
  (SELECT entity, id, activity_id, kind, direction, outcome, owner_id, duration, known, IIF(EXISTS (SELECT 1
     FROM contacts c WHERE c.contact_id = a.contact_id AND c.created_at > known), NULL, contact_id) AS contact_id FROM
    (SELECT b.entity, b.id, a.*, IFNULL(a.duration_s * 1000000, 0) AS duration,
       MAX(IFNULL(a.done_at, a.occurred_at), IFNULL(a.recorded_at, a.occurred_at), b.since) AS known
     FROM activities a JOIN belongs b USING (activity_id) WHERE a.due_at IS NULL OR a.done_at IS NOT NULL) a)
  WINDOW w AS (PARTITION BY entity, id ORDER BY known, activity_id);
CREATE TABLE plan AS SELECT b.entity, b.id, a.due_at AS due,
  MAX(b.since, IFNULL(a.recorded_at, MIN(a.occurred_at, a.due_at))) AS begins,
  MAX(a.done_at, IFNULL(a.recorded_at, a.done_at)) AS ends
  FROM activities a JOIN belongs b USING (activity_id) WHERE a.due_at IS NOT NULL;
"""

# an activity is the opportunity's, else the lead's, else the person's; one re-attached to what was made after it
# stays the others' too
KNOWN = "IFNULL(a.recorded_at, MIN(a.occurred_at, IFNULL(a.due_at, a.occurred_at)))"
FREE = f"""(a.{{key}} IS NULL OR EXISTS
  (SELECT 1 FROM {{table}} x WHERE x.{{key}} = a.{{key}} AND x.created_at > {KNOWN}))"""
NO_DEAL = FREE.format(key="opportunity_id", table="opportunities")
NO_LEAD = FREE.format(key="lead_id", table="leads")
# of the records of one person, or one lead, it is that of the `nearest()` made last before it and first after it
MADE_BEFORE = f"""(SELECT COUNT(*) FROM named n
  WHERE (n.entity, n.field, n.first) = (l.entity, l.field, l.first) AND n.created <= {KNOWN})"""
BELONGS = f"""
CREATE TABLE named AS SELECT l.entity, l.id, l.field, l.first, r.created, ROW_NUMBER() OVER
    (PARTITION BY l.entity, l.field, l.first ORDER BY r.created, l.id) AS place
  FROM line l JOIN record r ON r.entity = l.entity AND r.id = l.id
  WHERE l.entity IN ('lead', 'opportunity') AND l.field IN ('lead_id', 'contact_id') AND l.first IS NOT NULL;
CREATE INDEX g ON named (entity, field, first, created);
CREATE TABLE belongs AS SELECT activity_id, entity, id, MIN(since) AS since FROM
  (SELECT activity_id, 'opportunity' AS entity, opportunity_id AS id, {ALWAYS} AS since FROM activities
     JOIN opportunities USING (opportunity_id)
   UNION ALL SELECT activity_id, 'lead', lead_id, {ALWAYS} FROM activities JOIN leads USING (lead_id)
   UNION ALL SELECT a.activity_id, l.entity, l.id, IFNULL(m.at, {ALWAYS}) FROM activities a
     JOIN named l ON l.entity = 'opportunity' AND l.field = 'lead_id' AND l.first = a.lead_id AND {NO_DEAL}
       OR l.field = 'contact_id' AND l.first = a.contact_id AND {NO_DEAL} AND {NO_LEAD}
     LEFT JOIN made m ON (m.entity, m.id, m.field) = (l.entity, l.id, l.field)
     WHERE l.place BETWEEN {MADE_BEFORE} + 1 - nearest() AND {MADE_BEFORE} + nearest())
  GROUP BY activity_id, entity, id;
"""

LEAD_DATES = {"converted_at": "reached", "disqualified_at": "lost"}
SCRIPTS = (
    STEPS, HISTORY, CLOSINGS, DEALS_ENDED,
    *(LEADS_ENDED.format(field=field, state=state) for field, state in LEAD_DATES.items()),
    NAMED_SINCE, "UPDATE ended SET state = 'reached' WHERE state = 'won';", REPEATS, LINES, BELONGS, HAPPENED,
)  # fmt: skip
"""In the order in which each may read what those before it made."""
