// Params: rows of id, keep, retired, at, reason, place, undoneAt, report, keepBefore, retiredBefore.
UNWIND $rows AS row
CREATE (m:LacunaMerge) SET m = row
