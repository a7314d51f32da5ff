// When a customer was first and last seen. Params: customer. Returns: first, last (microseconds; null for none).
OPTIONAL MATCH (i:Interaction) WHERE i.customerId = $customer AND i.at IS NOT NULL
RETURN min(i.at), max(CASE WHEN i.ahead IS NULL THEN i.at END)
