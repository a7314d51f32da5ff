// What people decided about gaps: each gap's history, and that of all, in order of time.
CREATE CONSTRAINT gap_event_id IF NOT EXISTS FOR (n:GapEvent) REQUIRE n.id IS UNIQUE;
CREATE INDEX gap_event_by_gap IF NOT EXISTS FOR (n:GapEvent) ON (n.segment, n.category);
CREATE INDEX gap_event_by_at IF NOT EXISTS FOR (n:GapEvent) ON (n.at, n.id);
