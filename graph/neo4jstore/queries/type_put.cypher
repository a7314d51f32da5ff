// Params: rows of scope, name, kind.
UNWIND $rows AS row
MERGE (t:LacunaType {key: toString(row.scope) + ' ' + row.name})
SET t.scope = row.scope, t.name = row.name, t.kind = row.kind
