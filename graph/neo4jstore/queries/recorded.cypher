// Interactions in the order in which they were recorded. Params: from, until, limit. Returns: seq, then the properties of an interaction.
MATCH (i:Interaction) WHERE i.seq > $from AND i.seq <= $until
RETURN i.seq, properties(i) ORDER BY i.seq LIMIT $limit
