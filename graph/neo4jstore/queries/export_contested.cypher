// Returns: identity ("KIND:value"), claimant (hex).
MATCH (x:LacunaContested) RETURN x.identity, x.claimant ORDER BY x.key
