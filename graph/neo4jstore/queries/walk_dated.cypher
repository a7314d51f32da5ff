// Customers by when they were created, latest first. Params: at, id (to go on after), search, searchKey, limit. Returns: id.
MATCH (c:Customer) WHERE c.createdAt <= $at
  AND (c.createdAt < $at OR c.id > $id) AND ($search IS NULL OR EXISTS { MATCH (t:LacunaTerm {customerId: c.id}) WHERE t.key STARTS WITH $searchKey AND t.text STARTS WITH $search })
RETURN c.id ORDER BY c.createdAt DESC, c.id LIMIT $limit
