// Params: id, keep, retired, at, reason, place, report, keepBefore, retiredBefore.
CREATE (:LacunaMerge {id: $id, keep: $keep, retired: $retired, at: $at, reason: $reason, place: $place, report: $report,
  keepBefore: $keepBefore, retiredBefore: $retiredBefore})
