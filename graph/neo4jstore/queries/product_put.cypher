// Params: rows of id, name, categories, tags, price, currency, launchedAt, retiredAt, inStock, attributes.
UNWIND $rows AS row
MERGE (p:Product {id: row.id})
SET p.name = row.name, p.categories = row.categories, p.tags = row.tags, p.price = row.price, p.currency = row.currency,
    p.launchedAt = row.launchedAt, p.retiredAt = row.retiredAt, p.inStock = row.inStock, p.attributes = row.attributes
WITH p, row
CALL (p) { MATCH (p)-[old:IN_CATEGORY]->() DELETE old }
WITH p, row UNWIND row.categories AS id
MATCH (c:Category {id: id})
CREATE (p)-[:IN_CATEGORY]->(c)
