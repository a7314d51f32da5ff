package graph

import "fmt"

// What every store answers of rows that depend on what is stored, in the same words. None repeats an identity, or names whose it is.

// NewOutcome is the outcome of a row that was taken, by whether it changed anything.
func NewOutcome(changed bool) Outcome {
	if changed {
		return Outcome{Status: Accepted}
	}
	return Outcome{Status: Duplicate}
}

// Outcome is the outcome of a row that was not taken.
func (r *Rejection) Outcome() Outcome { return Outcome{Status: Rejected, Rejection: r} }

// RefuseErased refuses a field that names somebody who was erased.
func RefuseErased(field string) *Rejection {
	return Reject(RejectErased, field, "names a customer who asked to be forgotten")
}

// RefuseTaken refuses an identity that is another customer's.
func RefuseTaken(kind IdentityKind) *Rejection {
	return Reject(RejectIdentityTaken, "identities", "an identity of kind %s belongs to another customer: merge the two, or mend the row", kind)
}

// RefuseSelf refuses a row by which a customer would have referred themselves.
func RefuseSelf() *Rejection {
	return Reject(RejectCycle, "referred_by", "a customer cannot have been referred by themselves")
}

// RefuseContent refuses an interaction whose id is stored with other content.
func RefuseContent() *Rejection {
	return Reject(RejectConflict, "id", "is stored with other content: retract that one, and give the right one a new id")
}

// RefuseRetracted refuses an interaction whose id was retracted with other content.
func RefuseRetracted() *Rejection {
	return Reject(RejectConflict, "id", "was retracted with other content: give the right one a new id")
}

// RefuseProduct refuses a product that is not stored.
func RefuseProduct(id string) *Rejection {
	return Reject(RejectUnknownProduct, "product", "names product %q, which is not stored", Clip(id))
}

// RefuseCategory refuses a category that is not stored, named by a field.
func RefuseCategory(field, id string) *Rejection {
	return Reject(RejectUnknownCategory, field, "names category %q, which is not stored", Clip(id))
}

// RefuseType refuses a value that does not fit the settled type of its attribute.
func RefuseType(v NamedValue, settled ValueKind) *Rejection {
	return Reject(RejectAttributeType, "attr."+v.Name, "is a %s here, but the attribute is a %s since its first value was stored", v.Value.Kind(), settled)
}

// RefuseMissing refuses to take back an interaction, or to delete a segment, that is not stored.
func RefuseMissing(what, id string) *Rejection {
	return Reject(RejectNotFound, "id", "there is no %s %q", what, Clip(id))
}

// RefuseInUse refuses to delete a segment that another one refers to.
func RefuseInUse(user string) *Rejection {
	return Reject(RejectInUse, "id", "segment %q refers to it: change or delete that one first", Clip(user))
}

// CheckCount refuses to be asked for fewer than none of something, or for more than there may be.
func CheckCount(what string, n, most int) error {
	if n < 0 || n > most {
		return fmt.Errorf("%d %s asked for, from 0 to %d can be: %w", n, what, most, ErrInvalid)
	}
	return nil
}
