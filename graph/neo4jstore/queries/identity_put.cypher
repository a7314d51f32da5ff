// Params: rows of key, kind, kindName, value, verified, source, observedAt, origin, customer.
UNWIND $rows AS row
MERGE (i:Identity {key: row.key})
SET i.kind = row.kindName, i.kindCode = row.kind, i.value = row.value, i.verified = row.verified, i.source = row.source,
    i.observedAt = row.observedAt, i.origin = row.origin, i.customerId = row.customer
WITH i, row
CALL (i) { MATCH (i)<-[old:IDENTIFIED_BY]-() DELETE old }
WITH i, row
MATCH (c:Customer {id: row.customer})
CREATE (c)-[:IDENTIFIED_BY]->(i)
