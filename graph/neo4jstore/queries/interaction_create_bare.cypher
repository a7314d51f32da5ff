// What is kept of interactions of an erased customer: nobody made them. Params: rows of the properties of each.
UNWIND $rows AS row
CREATE (i:Interaction)
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
