// Gives one customer's interactions to another. Params: from, to.
MATCH (i:Interaction) WHERE i.customerId = $from AND i.at IS NOT NULL
MATCH (c:Customer {id: $to})
CALL (i) { MATCH (i)<-[old:MADE]-() DELETE old }
SET i.origin = coalesce(i.origin, $from), i.customerId = $to
CREATE (c)-[:MADE]->(i)
