// Params: keys ("KIND:value"). Returns: kind, value, verified, source, observedAt, origin.
UNWIND $keys AS key
MATCH (i:Identity {key: key}) RETURN i.kindCode, i.value, i.verified, i.source, i.observedAt, i.origin
