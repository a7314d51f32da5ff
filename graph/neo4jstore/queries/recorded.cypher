// Interactions in the order in which they were recorded. Params: from, until, limit. Returns: seq, then the columns of an interaction.
MATCH (i:Interaction) WHERE i.seq > $from AND i.seq <= $until
RETURN i.seq, i.id, i.customerId, i.at, i.type, i.channel, i.product, i.category, i.query, i.results, i.quantity, i.amount, i.currency,
  i.campaign, i.rating, i.session, i.available, i.attributes, i.source, i.ref, i.origin, i.ahead ORDER BY i.seq LIMIT $limit
