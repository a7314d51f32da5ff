// Params: rows of id, leads, root, stub, facts.
UNWIND $rows AS row
MERGE (r:LacunaRecord {id: row.id})
SET r.leads = row.leads, r.root = row.root, r.stub = row.stub, r.facts = row.facts
