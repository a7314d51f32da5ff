// New interactions about a product, whose customers and products are there. Params: rows of the properties of each.
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
MATCH (p:Product {id: row.product})
CREATE (c)-[:MADE]->(i:Interaction)-[:ABOUT]->(p)
SET i = row
