// Params: customer.
MATCH (i:Interaction) WHERE i.customerId = $customer AND i.at IS NOT NULL DETACH DELETE i
