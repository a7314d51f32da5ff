// Params: rows of hash.
UNWIND $rows AS row
MERGE (:LacunaErased {hash: row.hash})
