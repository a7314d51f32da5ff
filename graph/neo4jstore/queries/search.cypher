// Customers found by the beginning of a term. Params: search, searchKey, limit. Returns: id, nameKey, nameRest, createdAt.
MATCH (t:LacunaTerm) WHERE t.key STARTS WITH $searchKey AND t.text STARTS WITH $search
WITH DISTINCT t.customerId AS id LIMIT $limit
MATCH (c:Customer {id: id})
RETURN c.id, c.nameKey, c.nameRest, c.createdAt
