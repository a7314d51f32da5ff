// Puts categories below their parents, which are there. Params: rows of id, parent.
UNWIND $rows AS row
MATCH (c:Category {id: row.id})
CALL (c) { MATCH (c)-[old:CHILD_OF]->() DELETE old }
WITH c, row WHERE row.parent IS NOT NULL
MATCH (p:Category {id: row.parent})
CREATE (c)-[:CHILD_OF]->(p)
