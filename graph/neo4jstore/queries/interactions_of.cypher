// Params: customer. Returns: how many interactions.
MATCH (i:Interaction) WHERE i.customerId = $customer AND i.at IS NOT NULL RETURN count(i)
