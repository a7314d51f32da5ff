package neo4jstore

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lacuna/graph"
)

// The properties of what an archive holds, as they stand in the database.

func recordRow(r *graph.ArchivedRecord) params {
	row := params{"id": r.ID, "leads": orNull(r.Leads), "root": r.Root, "stub": nil}
	if r.Stub != (graph.Identity{}) {
		row["stub"] = r.Stub.String()
	}
	return row
}

func archivedRecord(v []any) graph.ArchivedRecord {
	r := graph.ArchivedRecord{ID: text(v[0]), Leads: text(v[1]), Root: text(v[2])}
	if key := text(v[3]); key != "" {
		r.Stub, _ = graph.ParseCustomerRef(key).Identity()
	}
	return r
}

func factsOf(a *graph.ArchivedFacts) (f facts) {
	for _, o := range a.Observations {
		if f.Fields == nil {
			f.Fields = map[string]map[string]observation{}
		}
		if f.Fields[o.Field] == nil {
			f.Fields[o.Field] = map[string]observation{}
		}
		f.Fields[o.Field][o.Source] = observation{o.Value.Kind(), o.Value.String(), o.ObservedAt.UnixMicro(), o.Verified}
	}
	for _, c := range a.Consents {
		if f.Consents == nil {
			f.Consents = map[string]consent{}
		}
		f.Consents[c.Purpose] = consent{c.Granted, c.Source, c.At.UnixMicro()}
	}
	return f
}

func archivedFacts(id string, f *facts) (a graph.ArchivedFacts, err error) {
	a.ID = id
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		for _, source := range slices.Sorted(maps.Keys(f.Fields[field])) {
			o, err := f.Fields[field][source].observation(source)
			if err != nil {
				return a, err
			}
			a.Observations = append(a.Observations, graph.ArchivedObservation{Field: field, Observation: o})
		}
	}
	for _, purpose := range slices.Sorted(maps.Keys(f.Consents)) {
		c := f.Consents[purpose]
		a.Consents = append(a.Consents, graph.Consent{Purpose: purpose, Granted: c.Granted, Source: c.Source, At: instant(c.At)})
	}
	return a, nil
}

func identityRow(i *graph.CustomerIdentity, origin, customer string) params {
	return params{
		"key": i.String(), "kind": int64(i.Kind), "kindName": i.Kind.String(), "value": i.Value, "verified": i.Verified, "source": i.Source,
		"observedAt": i.ObservedAt.UnixMicro(), "origin": origin, "customer": customer,
	}
}

func termRows(c *graph.Customer) (rows []params) {
	for _, term := range searchTerms(c) {
		rows = append(rows, params{"customer": c.ID, "key": termKey(term), "text": term})
	}
	return rows
}

// isKept tells whether an interaction is what was kept of an erased customer.
func isKept(i *graph.Interaction) bool { return i.Customer.IsZero() && i.Source == "" }

func archivedInteractionRow(a *graph.ArchivedInteraction, seq int64) params {
	row := interactionRow(&a.Interaction, a.Origin, seq)
	if isKept(&a.Interaction) {
		row["ref"] = nobody
	}
	return row
}

func mergeRow(m *graph.ArchivedMerge, place int64) params {
	row := params{"id": m.ID, "keep": m.Keep, "retired": m.Retired, "at": m.At.UnixMicro(), "reason": m.Reason, "place": place, "undoneAt": micros(m.UndoneAt)}
	if m.UndoneAt.IsZero() {
		row["report"] = toJSON(m.Report)
		for n, name := range []string{"keepBefore", "retiredBefore"} {
			c := &m.Before[n]
			row[name] = toJSON(snapshot{c.ID, encodeProfile(c), asMicros(micros(c.FirstSeenAt)), asMicros(micros(c.LastSeenAt))})
		}
	}
	return row
}

func retractionRow(r *graph.ArchivedRetraction) params {
	return params{"id": r.ID, "content": hex.EncodeToString(r.Content[:]), "origin": r.Origin, "reason": r.Reason, "source": r.Source}
}

func claimRow(c *graph.ArchivedClaim) params {
	return params{"identity": c.Identity.String(), "claimant": hex.EncodeToString(c.Claimant)}
}

func unreadRow(u *graph.UnreadRecords) params {
	return params{"key": fmt.Sprintf("%q %q %q", u.Source, u.File, u.Name), "source": u.Source, "file": u.File, "name": u.Name, "records": u.Records}
}

func typeRow(key graph.AttributeKey, kind graph.ValueKind) params {
	return params{"key": typeKey(key), "scope": int64(key.Scope), "name": key.Name, "kind": int64(kind)}
}

// typeKey is the key of an attribute's type.
func typeKey(key graph.AttributeKey) string { return fmt.Sprintf("%d %s", key.Scope, key.Name) }

func sortedTypes(types map[graph.AttributeKey]graph.ValueKind) []graph.AttributeKey {
	return slices.SortedFunc(maps.Keys(types), func(a, b graph.AttributeKey) int { return strings.Compare(typeKey(a), typeKey(b)) })
}
