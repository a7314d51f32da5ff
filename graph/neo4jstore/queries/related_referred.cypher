// Those whom customers referred. Params: keys, limit. Returns: referrer, ids in order.
UNWIND $keys AS key
CALL (key) {
  MATCH (c:Customer {referredBy: key})
  WITH c.id AS id ORDER BY id LIMIT $limit
  RETURN collect(id) AS ids
}
RETURN key, ids
