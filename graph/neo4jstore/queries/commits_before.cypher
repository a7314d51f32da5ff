// The last commit before the first one that is not before a moment. Params: before (microseconds), end. Returns: seq.
CALL () {
  OPTIONAL MATCH (c:LacunaCommit) WHERE c.at >= $before
  RETURN coalesce(min(c.seq), $end) AS keep
}
OPTIONAL MATCH (c:LacunaCommit) WHERE c.seq < keep
RETURN coalesce(max(c.seq), 0)
