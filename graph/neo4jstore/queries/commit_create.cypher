// The end of a commit in the feed. Params: seq, tag, at (microseconds).
CREATE (:LacunaCommit {seq: $seq, tag: $tag, at: $at})
