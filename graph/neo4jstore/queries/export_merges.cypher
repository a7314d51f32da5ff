// All merges, as they were made. Returns: id, keep, retired, at, reason, undoneAt, keepBefore, retiredBefore, place, report.
MATCH (m:LacunaMerge)
RETURN m.id, m.keep, m.retired, m.at, m.reason, m.undoneAt, m.keepBefore, m.retiredBefore, m.place, m.report ORDER BY m.place
