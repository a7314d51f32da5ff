// Params: referrer. Returns: ids of those whom it referred.
MATCH (c:Customer {referredBy: $referrer}) RETURN c.id
