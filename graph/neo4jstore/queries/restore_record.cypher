// Ids without what is known under them, with a customer for each that is one of today. Params: rows of id, leads, root, stub.
UNWIND $rows AS row
CREATE (r:LacunaRecord {id: row.id, leads: row.leads, root: row.root, stub: row.stub})
WITH row WHERE row.leads IS NULL
CREATE (:Customer {id: row.id})
