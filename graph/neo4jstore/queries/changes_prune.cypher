// Params: last.
CALL () { MATCH (c:LacunaChange) WHERE c.seq <= $last DELETE c }
CALL () { MATCH (c:LacunaCommit) WHERE c.seq < $last DELETE c }
FINISH
