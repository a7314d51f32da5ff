// Params: rows of id.
UNWIND $rows AS row
MATCH (t:LacunaTerm {customerId: row.id}) DELETE t
