// Params: customer. Returns: the columns of each interaction.
MATCH (i:Interaction) WHERE i.customerId = $customer AND i.at IS NOT NULL
RETURN i.id, i.customerId, i.at, i.type, i.channel, i.product, i.category, i.query, i.results, i.quantity, i.amount, i.currency,
  i.campaign, i.rating, i.session, i.available, i.attributes, i.source, i.ref, i.origin, i.ahead
