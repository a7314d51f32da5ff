// Customers of whom it is not known when they were created, in order of id. Params: id (to go on after), search, searchKey, limit. Returns: id.
MATCH (c:Customer) WHERE c.id > $id AND c.createdAt IS NULL AND ($search IS NULL OR EXISTS { MATCH (t:LacunaTerm {customerId: c.id}) WHERE t.key STARTS WITH $searchKey AND t.text STARTS WITH $search })
RETURN c.id ORDER BY c.id LIMIT $limit
