// Params: customer. Returns: the properties of each interaction.
MATCH (i:Interaction) WHERE i.customerId = $customer AND i.at IS NOT NULL
RETURN properties(i)
