// Params: rows of key, scope, name, kind.
UNWIND $rows AS row
MERGE (t:LacunaType {key: row.key})
SET t.scope = row.scope, t.name = row.name, t.kind = row.kind
