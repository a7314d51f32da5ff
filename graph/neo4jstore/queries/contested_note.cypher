// Params: rows of identity ("KIND:value"), claimant (hash).
UNWIND $rows AS row
MERGE (x:LacunaContested {key: row.identity + ' ' + row.claimant})
SET x.identity = row.identity, x.claimant = row.claimant
