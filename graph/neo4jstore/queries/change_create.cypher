// Entries of the feed. Params: rows of seq, kind, key, customer.
UNWIND $rows AS row
CREATE (:LacunaChange {seq: row.seq, kind: row.kind, key: row.key, customer: row.customer})
