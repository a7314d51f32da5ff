// Params: rows of the properties of each.
UNWIND $rows AS row
CREATE (m:LacunaMerge) SET m = row
