// Params: rows of identity ("KIND:value"), claimant (hex).
UNWIND $rows AS row
CREATE (:LacunaContested {key: row.identity + ' ' + row.claimant, identity: row.identity, claimant: row.claimant})
