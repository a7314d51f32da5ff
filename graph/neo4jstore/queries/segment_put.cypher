// Params: rows of id, name, description, rule.
UNWIND $rows AS row
MERGE (s:Segment {id: row.id})
SET s.name = row.name, s.description = row.description, s.rule = row.rule
