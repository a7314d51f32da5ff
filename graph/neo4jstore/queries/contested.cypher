// Returns: kind, value, owner, how many claim it.
MATCH (x:LacunaContested)
WITH x.identity AS key, count(x) AS n
MATCH (i:Identity {key: key})
RETURN i.kindCode, i.value, i.customerId, n
