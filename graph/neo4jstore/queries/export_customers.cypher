// Customers in order of id. Params: id (to go on after), limit. Returns: id, profile (JSON).
MATCH (c:Customer) WHERE c.id > $id RETURN c.id, c.profile ORDER BY c.id LIMIT $limit
