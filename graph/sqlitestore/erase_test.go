package sqlitestore

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"lacuna/graph"
)

// TestErasedBytesAreGone looks for what told who a person was in the bytes of the file and its log.
func TestErasedBytesAreGone(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("keeping statistics %t", keep), func(t *testing.T) {
			s := fresh(t)
			write(t, s, catalog())
			canaries := []string{"canary-mail", "Canary Name", "canary name", "canary-household", "canary-attribute", "canary-session", "canary-query",
				"canary-event", "canary-campaign", "canary-reason", "886canary", "canary-old-name", "canary-retired"}
			for i := range 40 {
				write(t, s, graph.Batch{Customers: upserts(i*50, 50), Interactions: events(i*200, 200, 2000)})
				if i%10 == 5 {
					writeCanary(t, s, i)
				}
			}
			m, err := s.Merge(t.Context(), "canary-1", "canary-retired", false)
			must(t, err)
			if m.Retired != "canary-retired" {
				t.Fatalf("Merge: %+v", m)
			}
			if !fileHolds(t, s, "canary-mail") {
				t.Fatal("the canary is not in the file: the test looks in the wrong place")
			}
			if _, err := s.Erase(t.Context(), "canary-1", keep); err != nil {
				t.Fatal(err)
			}
			_, err = s.Changes(t.Context(), "", graph.MaxBatch)
			must(t, err)
			// The ids alone stay in the feed, so that readers forget them; pruning forgets those too.
			must(t, s.PruneChanges(t.Context(), testNow.Add(1)))
			for _, canary := range canaries {
				if fileHolds(t, s, canary) {
					t.Errorf("%q is still in the file", canary)
				}
			}
		})
	}
}

func writeCanary(t *testing.T, s *Store, i int) {
	t.Helper()
	u := graph.CustomerUpsert{ID: "canary-1", Name: fmt.Sprint("Canary Name ", i), Household: "canary-household", Source: "crm", ObservedAt: testNow.AddDate(0, 0, i),
		Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.EmailAddress, Value: "canary-mail@x"}}},
		Attributes: []graph.NamedValue{{Name: "city", Value: graph.TextValue(fmt.Sprint("canary-attribute", i))}}}
	if i == 5 {
		u.Name = "canary-old-name that was very much longer than the name which came later"
	}
	retired := graph.CustomerUpsert{ID: "canary-retired", Source: "crm", Name: "Canary Name", ObservedAt: testNow,
		Identities: []graph.IdentityClaim{{Identity: graph.Identity{Kind: graph.Phone, Value: "886canary"}}}}
	var list []graph.Interaction
	for k := range 30 {
		e := event(fmt.Sprintf("canary-event-%d-%d", i, k), "canary-1", k)
		e.Session, e.Query, e.Campaign, e.Type = "canary-session", "canary-query", "canary-campaign", graph.Search
		e.Attributes = []graph.NamedValue{{Name: "note", Value: graph.TextValue("canary-attribute")}}
		list = append(list, e)
	}
	write(t, s, graph.Batch{Customers: []graph.CustomerUpsert{u, retired}, Interactions: list,
		Retractions: []graph.Retraction{{ID: list[0].ID, Reason: "canary-reason", Source: "test"}}})
}

func fileHolds(t *testing.T, s *Store, text string) bool {
	t.Helper()
	for _, name := range []string{s.path, s.path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}
