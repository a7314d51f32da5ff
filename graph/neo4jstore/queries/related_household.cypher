// Members of households. Params: keys, limit. Returns: household, ids in order.
UNWIND $keys AS key
CALL (key) {
  MATCH (c:Customer {householdId: key})
  WITH c.id AS id ORDER BY id LIMIT $limit
  RETURN collect(id) AS ids
}
RETURN key, ids
