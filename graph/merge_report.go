package graph

import "slices"

// Compare fills in what a merge of two profiles moves and where they differ. Of the profile afterwards only name, creation, household and
// referrer are looked at; of attributes and consents it follows from the two what is shown.
func (r *MergeReport) Compare(keep, retired, after *Customer) {
	for _, i := range retired.Identities {
		r.Identities = append(r.Identities, i.Identity)
	}
	r.conflict("name", keep.Name, retired.Name, after.Name)
	r.conflict("created_at", timeText(keep.CreatedAt), timeText(retired.CreatedAt), timeText(after.CreatedAt))
	r.conflict("household", keep.Household, retired.Household, after.Household)
	r.conflict("referred_by", keep.ReferredBy, retired.ReferredBy, after.ReferredBy)
	for _, b := range retired.Attributes {
		at := slices.IndexFunc(keep.Attributes, func(a Attribute) bool { return a.Name == b.Name })
		if at < 0 {
			r.Attributes = append(r.Attributes, b.Name)
			continue
		}
		a := keep.Attributes[at]
		result := a.Value
		if CompareObservations(b.Observation, a.Observation) < 0 {
			result = b.Value
		}
		r.conflict("attr."+b.Name, a.Value.String(), b.Value.String(), result.String())
	}
	for _, b := range retired.Consents {
		at := slices.IndexFunc(keep.Consents, func(a Consent) bool { return a.Purpose == b.Purpose })
		if at < 0 {
			r.Consents = append(r.Consents, b.Purpose)
			continue
		}
		a := keep.Consents[at]
		result := a
		if b.Replaces(a) {
			result = b
		}
		r.conflict("consent."+b.Purpose, answerText(a), answerText(b), answerText(result))
	}
}

// conflict notes a field in which both said something else.
func (r *MergeReport) conflict(field, keep, retired, result string) {
	if keep != "" && retired != "" && keep != retired {
		r.Conflicts = append(r.Conflicts, MergeConflict{Field: field, Keep: keep, Retired: retired, Result: result})
	}
}

func answerText(c Consent) string {
	if c.Granted {
		return "GRANTED"
	}
	return "DENIED"
}
