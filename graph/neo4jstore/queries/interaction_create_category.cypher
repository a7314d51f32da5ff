// New interactions about a category alone, whose customers and categories are there. Params: rows of the properties of each.
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
MATCH (k:Category {id: row.category})
CREATE (c)-[:MADE]->(i:Interaction)-[:ABOUT_CATEGORY]->(k)
SET i = row
