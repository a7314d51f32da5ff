// The merge of these very two that stands. Params: keep, retired. Returns: report (JSON).
MATCH (m:LacunaMerge {keep: $keep}) WHERE m.retired = $retired AND m.undoneAt IS NULL RETURN m.report
