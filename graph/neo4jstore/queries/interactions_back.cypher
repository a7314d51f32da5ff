// Gives interactions back that came under some ids. Params: from, to, origins.
MATCH (i:Interaction) WHERE i.customerId = $from AND i.at IS NOT NULL AND i.origin IN $origins
MATCH (c:Customer {id: $to})
CALL (i) { MATCH (i)<-[old:MADE]-() DELETE old }
SET i.origin = CASE WHEN i.origin = $to THEN null ELSE i.origin END, i.customerId = $to
CREATE (c)-[:MADE]->(i)
