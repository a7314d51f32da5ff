// New interactions, whose customers, products and categories are there. Params: rows of the properties of each.
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
CREATE (c)-[:MADE]->(i:Interaction)
SET i = row
WITH i, row
CALL (i, row) {
  WITH i, row WHERE row.product IS NOT NULL
  MATCH (p:Product {id: row.product})
  CREATE (i)-[:ABOUT]->(p)
}
WITH i, row
CALL (i, row) {
  WITH i, row WHERE row.product IS NULL AND row.category IS NOT NULL
  MATCH (k:Category {id: row.category})
  CREATE (i)-[:ABOUT_CATEGORY]->(k)
}
