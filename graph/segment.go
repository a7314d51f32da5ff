package graph

// Segment is a named rule that says which customers belong. Evaluating the rule is the engine's work; a store keeps
// segments whose rules have been checked.
type Segment struct {
	ID          string
	Name        string // the id when no name was given
	Description string
	Rule        Rule
}

// Check refuses what no store may hold, see [CustomerUpsert.Check]. The rule's own shape was checked when it was read.
func (s *Segment) Check() *Rejection {

	return firstRejection(checkID("id", s.ID), checkText("name", s.Name, MaxTextBytes),
		checkText("description", s.Description, MaxTextBytes))
}
