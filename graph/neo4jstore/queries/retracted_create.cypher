// Params: rows of id, content, origin, reason, source.
UNWIND $rows AS row
CREATE (:LacunaRetracted {id: row.id, content: row.content, origin: row.origin, reason: row.reason, source: row.source})
