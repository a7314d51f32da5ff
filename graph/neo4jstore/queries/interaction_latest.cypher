// The latest interaction that was not ahead. Returns: at, null where there is none.
MATCH (i:Interaction) WHERE i.ahead IS NULL RETURN max(i.at)
