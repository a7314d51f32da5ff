// Params: rows of id, household.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
OPTIONAL MATCH (c)-[old:IN_HOUSEHOLD]->(h:Household)
WITH c, row, old, h WHERE h IS NULL AND row.household IS NOT NULL OR h IS NOT NULL AND (row.household IS NULL OR h.id <> row.household)
DELETE old
WITH c, row, h
CALL (h) { WITH h WHERE h IS NOT NULL AND NOT EXISTS { (h)<-[:IN_HOUSEHOLD]-() } DELETE h }
WITH c, row WHERE row.household IS NOT NULL
MERGE (n:Household {id: row.household})
CREATE (c)-[:IN_HOUSEHOLD]->(n)
