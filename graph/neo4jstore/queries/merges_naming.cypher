// Merges whose snapshots or report may name somebody as a referrer. Params: ids. Returns: id, keepBefore, retiredBefore, report.
UNWIND $ids AS id
MATCH (m:LacunaMerge) WHERE m.keepBefore CONTAINS id OR m.retiredBefore CONTAINS id OR m.report CONTAINS id
RETURN DISTINCT m.id, m.keepBefore, m.retiredBefore, m.report
