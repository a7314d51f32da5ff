// Params: identity (key), claimant (hash).
MERGE (x:LacunaContested {key: $identity + ' ' + $claimant})
SET x.identity = $identity, x.claimant = $claimant
