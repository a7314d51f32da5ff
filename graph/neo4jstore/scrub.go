package neo4jstore

import (
	"encoding/json"
	"slices"

	"lacuna/graph"
)

// parseSnapshotText reads a snapshot to change it; nil for none.
func parseSnapshotText(text string) (*snapshot, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // a merge that was undone has none
	}
	var s snapshot
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, damaged("read the snapshot of a merge")
	}
	return &s, nil
}

func (s *snapshot) text() string {
	if s == nil {
		return ""
	}
	return toJSON(s)
}

// forgetReferrer removes who referred the customer where it is one of these.
func (s *snapshot) forgetReferrer(ids []string) {
	if s == nil {
		return
	}
	var p storedProfile
	if json.Unmarshal([]byte(s.Profile), &p) == nil && slices.Contains(ids, p.Referrer) {
		p.Referrer = ""
		s.Profile = toJSON(p)
	}
}

// scrubReport removes conflicts about referrers from a report that names one of these.
func scrubReport(text string, ids []string) (any, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // a merge that was undone has none
	}
	var report graph.MergeReport
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		return nil, damaged("read the report of a merge")
	}
	report.Conflicts = slices.DeleteFunc(report.Conflicts, func(c graph.MergeConflict) bool {
		return c.Field == "referred_by" && (slices.Contains(ids, c.Keep) || slices.Contains(ids, c.Retired) || slices.Contains(ids, c.Result))
	})
	return toJSON(report), nil
}
