// New interactions about nothing that is known, whose customers are there. Params: rows of the properties of each.
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
CREATE (c)-[:MADE]->(i:Interaction)
SET i = row
