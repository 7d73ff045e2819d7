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
CREATE TABLE step (entity, id, field, occurred, known, seen, crm, old, new, place);
CREATE TABLE line (entity, id, field, first, since, entered, told);
CREATE TABLE ended (entity, id, known, at, state);
CREATE INDEX a ON current (entity, id, field); CREATE INDEX b ON step (entity, id, field);
CREATE INDEX c ON line (entity, id, field); CREATE INDEX d ON ended (entity, id); CREATE INDEX e ON record (entity, id);
"""

STEPS = """
INSERT INTO step SELECT c.entity, c.entity_id, c.field, c.occurred_at,
  MAX(c.occurred_at, COALESCE(c.recorded_at, c.occurred_at)), c.seen, c.crm, read(c.entity, c.field, c.old),
  read(c.entity, c.field, c.new), 0
FROM changes c JOIN record r ON r.entity = c.entity AND r.id = c.entity_id;
-- a change recorded once a later one was known alters nothing
DELETE FROM step WHERE EXISTS (SELECT 1 FROM step s WHERE s.entity = step.entity AND s.id = step.id
  AND s.field = step.field AND s.known < step.known AND s.occurred > step.occurred);
UPDATE step SET place = (SELECT COUNT(*) FROM step s WHERE s.entity = step.entity AND s.id = step.id
  AND s.field = step.field AND (s.known, s.occurred, IFNULL(s.old, '~'), IFNULL(s.new, '~'))
  < (step.known, step.occurred, IFNULL(step.old, '~'), IFNULL(step.new, '~')));
"""

# the end a record was in is known from its change, else from the date the CRM states; never before the record is
DEALS_ENDED = """
INSERT INTO ended SELECT entity, id, known,
  CASE WHEN new = (SELECT outcome FROM opportunities o WHERE o.opportunity_id = id)
    THEN MIN(known, IFNULL((SELECT closed_at FROM opportunities o WHERE o.opportunity_id = id), occurred))
    ELSE occurred END, new FROM step WHERE entity = 'opportunity' AND field = 'outcome';
INSERT INTO ended SELECT 'opportunity', o.opportunity_id, MAX(o.created_at, IFNULL(o.closed_at, o.first_seen)),
  IFNULL(o.closed_at, o.first_seen), o.outcome FROM opportunities o WHERE o.outcome IS NOT
  (SELECT new FROM step s WHERE s.entity = 'opportunity' AND s.field = 'outcome' AND s.id = o.opportunity_id
   ORDER BY place DESC LIMIT 1);
INSERT INTO ended SELECT 'opportunity', o.opportunity_id, MAX(o.created_at, date), date, s.old FROM
  (SELECT *, COALESCE((SELECT x.old FROM step x WHERE x.entity = 'opportunity' AND x.id = o.opportunity_id
     AND x.field = 'closed_at' ORDER BY place LIMIT 1), o.closed_at, o.first_seen) AS date FROM opportunities o) o
  JOIN step s ON s.entity = 'opportunity' AND s.field = 'outcome' AND s.id = o.opportunity_id AND s.place = 0
  WHERE s.old IS NOT NULL AND date < s.known;
"""

LEADS_ENDED = """
INSERT INTO ended SELECT 'lead', id, MAX(known, IFNULL(new, known)), IFNULL(new, known),
  IIF(new IS NULL, NULL, '{state}') FROM step WHERE entity = 'lead' AND field = '{field}';
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
  (SELECT b.entity, b.id, a.activity_id, a.kind, a.direction, a.outcome, a.contact_id, a.owner_id,
     IFNULL(a.duration_s * 1000000, 0) AS duration,
     MAX(IFNULL(a.done_at, a.occurred_at), IFNULL(a.recorded_at, a.occurred_at)) AS known
   FROM activities a JOIN belongs b USING (activity_id) WHERE a.due_at IS NULL OR a.done_at IS NOT NULL)
  WINDOW w AS (PARTITION BY entity, id ORDER BY known, activity_id);
CREATE TABLE plan AS SELECT b.entity, b.id, a.due_at AS due,
  IFNULL(a.recorded_at, MIN(a.occurred_at, a.due_at)) AS begins,
  MAX(a.done_at, IFNULL(a.recorded_at, a.done_at)) AS ends
  FROM activities a JOIN belongs b USING (activity_id) WHERE a.due_at IS NOT NULL;
"""

# an activity is the opportunity's, else the lead's, else the person's; one re-attached to what was made after it
# stays the others' too
FREE = """(a.{key} IS NULL OR EXISTS (SELECT 1 FROM {table} x WHERE x.{key} = a.{key}
  AND x.created_at > IFNULL(a.recorded_at, a.occurred_at)))"""
NO_DEAL = FREE.format(key="opportunity_id", table="opportunities")
NO_LEAD = FREE.format(key="lead_id", table="leads")
BELONGS = f"""
CREATE TABLE belongs AS SELECT activity_id, 'opportunity' AS entity, opportunity_id AS id FROM activities
  JOIN opportunities USING (opportunity_id)
UNION SELECT a.activity_id, 'opportunity', l.id FROM activities a JOIN line l ON l.entity = 'opportunity'
  AND (l.field = 'lead_id' AND l.first = a.lead_id AND {NO_DEAL}
   OR l.field = 'contact_id' AND l.first = a.contact_id AND {NO_DEAL} AND {NO_LEAD})
UNION SELECT activity_id, 'lead', lead_id FROM activities JOIN leads USING (lead_id)
UNION SELECT a.activity_id, 'lead', l.id FROM activities a JOIN line l ON l.entity = 'lead' AND l.field = 'contact_id'
  AND l.first = a.contact_id AND {NO_DEAL} AND {NO_LEAD};
"""

LEAD_DATES = {"converted_at": "reached", "disqualified_at": "lost"}
SCRIPTS = (
    STEPS, HISTORY, DEALS_ENDED, *(LEADS_ENDED.format(field=field, state=state) for field, state in LEAD_DATES.items()),
    NAMED_SINCE, "UPDATE ended SET state = 'reached' WHERE state = 'won';", REPEATS, LINES, BELONGS, HAPPENED,
)  # fmt: skip
"""In the order in which each may read what those before it made."""
