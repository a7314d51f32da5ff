// Params: keys (ids of today). Returns: kind, value, verified, source, observedAt, origin, customer.
UNWIND $keys AS key
MATCH (i:Identity {customerId: key}) RETURN i.kindCode, i.value, i.verified, i.source, i.observedAt, i.origin, i.customerId
