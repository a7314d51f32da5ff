// Params: rows of id, referrers (ids).
UNWIND $rows AS row
MATCH (r:LacunaRecord {id: row.id})
CALL (r) { MATCH (r)-[old:NAMES]->() DELETE old }
WITH r, row UNWIND row.referrers AS id
MATCH (x:LacunaRecord {id: id})
MERGE (r)-[:NAMES]->(x)
