// Params: rows of id, keepBefore, retiredBefore, report.
UNWIND $rows AS row
MATCH (m:LacunaMerge {id: row.id})
SET m.keepBefore = row.keepBefore, m.retiredBefore = row.retiredBefore, m.report = row.report
