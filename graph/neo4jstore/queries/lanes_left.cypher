// Interactions that are numbered beyond what the state tells. Params: seq. Returns: how many, the last number, when the latest of those that were
// not ahead happened.
MATCH (i:Interaction) WHERE i.seq > $seq RETURN count(i), max(i.seq), max(CASE WHEN i.ahead IS NULL THEN i.at END)
