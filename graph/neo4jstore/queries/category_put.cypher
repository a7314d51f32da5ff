// Params: rows of id, name, names, parent.
UNWIND $rows AS row
MERGE (c:Category {id: row.id})
SET c.name = row.name, c.names = row.names, c.parent = row.parent
