// Profiles by id (also a retired one) and by identity. Params: ids, keys ("KIND:value"). Returns: id asked for, key asked for, id, profile
// (JSON), when first and last seen (microseconds).
CALL () {
  UNWIND $ids AS asked
  MATCH (r:LacunaRecord {id: asked})
  MATCH (c:Customer {id: r.root})
  RETURN asked, null AS key, c
  UNION ALL
  UNWIND $keys AS key
  MATCH (i:Identity {key: key})
  MATCH (c:Customer {id: i.customerId})
  RETURN null AS asked, key, c
}
CALL (c) {
  OPTIONAL MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL
  WITH i ORDER BY i.customerId, i.at LIMIT 1
  RETURN i.at AS first
}
CALL (c) {
  OPTIONAL MATCH (i:Interaction) WHERE i.customerId = c.id AND i.at IS NOT NULL AND i.ahead IS NULL
  WITH i ORDER BY i.customerId DESC, i.at DESC LIMIT 1
  RETURN i.at AS last
}
RETURN asked, key, c.id, c.profile, first, last
