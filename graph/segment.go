package graph

// Segment is a named rule that says which customers belong. Evaluating the rule is the engine's work; a store keeps
// segments whose rules have been checked.
type Segment struct {
	ID          string
	Name        string // the id when no name was given
	Description string
	Rule        Rule
}

// EveryoneID is the id under which figures name all customers; no segment may have it.
const EveryoneID = "everyone"

// Check refuses what no store may hold, see [CustomerUpsert.Check].
func (s *Segment) Check() *Rejection {
	if s.ID == EveryoneID {
		return Reject(RejectBadID, "id", "%q stands for all customers: choose another id", EveryoneID)
	}
	return firstRejection(checkID("id", s.ID), checkText("name", s.Name, MaxTextBytes),
		checkText("description", s.Description, MaxTextBytes), s.Rule.Check())
}
