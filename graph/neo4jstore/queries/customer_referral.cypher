// Params: rows of id, referrer.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
CALL (c) { MATCH (c)<-[old:REFERRED]-() DELETE old }
WITH c, row WHERE row.referrer IS NOT NULL
MATCH (r:Customer {id: row.referrer})
CREATE (r)-[:REFERRED]->(c)
