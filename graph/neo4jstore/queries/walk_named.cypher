// Customers with a name in order of it. Params: key, rest, id (to go on after), search, searchKey, limit. Returns: id.
MATCH (c:Customer) WHERE c.nameKey >= $key
  AND (c.nameKey > $key OR c.nameRest > $rest OR c.nameRest = $rest AND c.id > $id) AND ($search IS NULL OR EXISTS { MATCH (t:LacunaTerm {customerId: c.id}) WHERE t.key STARTS WITH $searchKey AND t.text STARTS WITH $search })
RETURN c.id ORDER BY c.nameKey, c.nameRest, c.id LIMIT $limit
