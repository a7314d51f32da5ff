// What is known under ids that are there. Params: rows of id, facts (JSON).
UNWIND $rows AS row
MATCH (r:LacunaRecord {id: row.id}) SET r.facts = row.facts
