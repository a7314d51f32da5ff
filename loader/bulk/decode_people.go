package bulk

import (
	"strings"

	"lacuna/graph"
)

func (d *decoder) customer(r *record, b *batch) *graph.Rejection {
	row := graph.CustomerUpsert{Source: d.source, ObservedAt: d.observed}
	d.values = d.values[:0]
	rejection := d.each(r, func(to *binding, c *cell) (rejection *graph.Rejection) {
		switch to.field {
		case idField:
			row.ID, rejection = d.uniqueText(c, "id")
		case nameField:
			row.Name, rejection = d.uniqueText(c, "name")
		case createdField:
			row.CreatedAt, rejection = d.instant(c, "created_at")
		case householdField:
			row.Household, rejection = d.text(c, "household")
		case identitiesField:
			row.Identities, rejection = d.identities(r, c)
		case consentsField:
			row.Consents, rejection = d.consents(r, c)
		case sourceField:
			row.Source, rejection = d.text(c, "source")
		case updatedField:
			row.ObservedAt, rejection = d.instant(c, "updated_at")
		case referredByField:
			var ref string
			ref, rejection = d.text(c, "referred_by")
			row.ReferredBy = graph.ParseCustomerRef(ref)
		case attributeField:
			rejection = d.addAttribute(to, c)
		}
		return rejection
	})
	if rejection != nil {
		return rejection
	}
	row.Attributes = d.keepAttributes()
	b.rows.Customers = append(b.rows.Customers, row)
	b.from(Customers, r)
	return nil
}

// verifiedSuffix ends an identity that its source has verified.
const verifiedSuffix = ";verified"

func (d *decoder) identities(r *record, c *cell) ([]graph.IdentityClaim, *graph.Rejection) {
	parts, rejection := d.list(r, c, "identities")
	if rejection != nil || len(parts) == 0 {
		return nil, rejection
	}
	claims := make([]graph.IdentityClaim, 0, len(parts))
	for _, part := range parts {
		text, verified := strings.CutSuffix(part, verifiedSuffix)
		kind, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, graph.Reject(RejectBadValue, "identities", "has an entry without a kind: write KIND:value, for example EMAIL:a@example.com")
		}
		k, err := graph.ParseIdentityKind(strings.TrimSpace(kind))
		if err != nil {
			return nil, graph.Reject(graph.RejectUnknownKind, "identities", "has an unknown kind: use one of %s; any other as CUSTOM:kind:value", identityKindNames)
		}
		claims = append(claims, graph.IdentityClaim{Identity: graph.Identity{Kind: k, Value: value}.Normalize(), Verified: verified})
	}
	return claims, nil
}

var identityKindNames = names(func(i uint8) (string, bool) { k := graph.IdentityKind(i); return k.String(), k.Valid() })

// names lists the names of codes from 1 up to the first that is not valid.
func names(name func(uint8) (string, bool)) string {
	var list []string
	for i := uint8(1); ; i++ {
		s, ok := name(i)
		if !ok {
			return strings.Join(list, ", ")
		}
		list = append(list, s)
	}
}

func (d *decoder) consents(r *record, c *cell) ([]graph.Consent, *graph.Rejection) {
	parts, rejection := d.list(r, c, "consents")
	if rejection != nil || len(parts) == 0 {
		return nil, rejection
	}
	consents := make([]graph.Consent, 0, len(parts))
	for _, part := range parts {
		colon := strings.LastIndexByte(part, ':')
		granted := colon > 0 && strings.EqualFold(part[colon+1:], "GRANTED")
		if colon <= 0 || !granted && !strings.EqualFold(part[colon+1:], "DENIED") {
			return nil, graph.Reject(RejectBadValue, "consents", "has an entry that is not PURPOSE:GRANTED or PURPOSE:DENIED")
		}
		consents = append(consents, graph.Consent{Purpose: part[:colon], Granted: granted})
	}
	return consents, nil
}
