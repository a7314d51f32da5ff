package graphtest

import (
	"testing"
	"time"

	"lacuna/graph"
)

// testTime checks how moments are kept, and what is ahead of the clock.
func testTime(t *testing.T, f Factory) {
	t.Run("moments", func(t *testing.T) { timeMoments(fresh(t, f)) })
	t.Run("ahead of the clock", func(t *testing.T) { timeAhead(fresh(t, f)) })
	t.Run("refused", func(t *testing.T) {
		x := fresh(t, f)
		east, west := time.FixedZone("", 14*3600), time.FixedZone("", -12*3600)
		for name, when := range map[string]time.Time{
			"year 10000":        time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
			"year 10000 in UTC": time.Date(9999, 12, 31, 23, 0, 0, 0, west),
			"year 0":            time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC),
			"year 0 in UTC":     time.Date(1, 1, 1, 5, 0, 0, 0, east),
			"before Christ":     time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			i := view("i", "1", 0)
			i.At = when
			x.reject(interactions(i), graph.RejectBadTime, "at")
			u := person("1", "")
			u.CreatedAt = when
			if r := x.reject(customers(u), graph.RejectBadTime, "created_at"); r.Message == "" {
				t.Error(name)
			}
		}
		i := view("i", "1", 0)
		i.At = time.Time{}
		x.reject(interactions(i), graph.RejectMissing, "at")
	})
}

func timeMoments(x *fixture) {
	zone := func(name string) *time.Location {
		l, err := time.LoadLocation(name)
		if err != nil {
			l = time.FixedZone(name, 3600) // a machine without the database of zones
		}
		return l
	}
	berlin, taipei := zone("Europe/Berlin"), zone("Asia/Taipei")
	moments := map[string]time.Time{
		"year 1":            time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		"before 1970":       time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		"1970":              time.Unix(0, 0),
		"year 9999":         time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"nanoseconds":       time.Date(2026, 1, 1, 0, 0, 0, 1_999, time.UTC),
		"nanoseconds, 1900": time.Date(1900, 1, 1, 0, 0, 0, 1_999, time.UTC),
		"taipei":            time.Date(2026, 1, 1, 0, 0, 0, 0, taipei),
		"an hour skipped":   time.Date(2026, 3, 29, 2, 30, 0, 0, berlin),
		"an hour twice":     time.Date(2026, 10, 25, 2, 30, 0, 0, berlin),
		"the second time":   time.Date(2026, 10, 25, 2, 30, 0, 0, berlin).Add(time.Hour),
		"half a zone":       time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 5*3600+45*60)),
	}
	for _, name := range sortedKeys(moments) {
		when := moments[name]
		i := view(name, "all", 0)
		i.At = when
		u := person("c "+name, "N")
		u.CreatedAt, u.ObservedAt, u.Attributes = when, when, []graph.NamedValue{text("a", "b")}
		u.Consents = []graph.Consent{{Purpose: "A", At: when}}
		b := graph.Batch{Products: []graph.Product{{ID: name, LaunchedAt: when, RetiredAt: when}}, Customers: []graph.CustomerUpsert{u},
			Interactions: []graph.Interaction{i}}
		x.accept(b)
		want := when.UTC().Truncate(time.Microsecond)
		c, p := x.customer(graph.ByID("c "+name)), x.product(name)
		x.same(name, []time.Time{want, want, want, want, want}, []time.Time{c.CreatedAt, c.Attributes[0].ObservedAt, c.Consents[0].At, p.LaunchedAt, p.RetiredAt})
		if c.CreatedAt.Location() != time.UTC {
			x.t.Errorf("%s: a moment is not in UTC", name)
		}
		x.expect(graph.Batch{Products: []graph.Product{{ID: name, LaunchedAt: when}}, Customers: []graph.CustomerUpsert{u},
			Interactions: []graph.Interaction{i}}, graph.Duplicate)
	}
	list := x.history("all", graph.InteractionFilter{}, 3)
	x.same("interactions", len(moments), len(list))
	for _, i := range list {
		x.same(i.ID, moments[i.ID].UTC().Truncate(time.Microsecond), i.At)
	}
	for n, when := range instants(list)[1:] {
		if when.After(list[n].At) {
			x.t.Errorf("%s stands before %s", list[n].ID, list[n+1].ID)
		}
	}
	x.scannedState()
}

func timeAhead(x *fixture) {
	put := func(id string, when time.Time) {
		i := view(id, "1", 0)
		i.At = when
		x.accept(interactions(i))
	}
	put("now", start)
	put("ahead", start.Add(time.Microsecond))
	put("far", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	put("past", start.Add(-time.Hour))
	marks := func() map[string]bool {
		m := map[string]bool{}
		for _, i := range x.history("1", graph.InteractionFilter{}, 10) {
			m[i.ID] = i.Ahead
		}
		return m
	}
	want := map[string]bool{"now": false, "ahead": true, "far": true, "past": false}
	x.same("ahead", want, marks())
	x.same("latest", start, x.stats().LatestAt)
	c := x.customer(graph.ByID("1"))
	x.same("seen", []time.Time{start.Add(-time.Hour), start}, []time.Time{c.FirstSeenAt, c.LastSeenAt})
	x.clock.advance(time.Hour) // what was ahead when it was recorded stays so
	x.same("ahead, later", want, marks())
	x.same("latest, later", start, x.stats().LatestAt)
	put("later", start.Add(30*time.Minute))
	x.same("latest of a new one", start.Add(30*time.Minute), x.stats().LatestAt)
	x.accept(retractions("later", "now"))
	x.same("latest once it went", start.Add(-time.Hour), x.stats().LatestAt)
	x.scannedState()
	x.accept(interactions(graph.Interaction{ID: "only", Type: graph.View, At: start.AddDate(1, 0, 0), Customer: graph.ByID("2"), Source: "s"}))
	c = x.customer(graph.ByID("2"))
	x.same("seen by who has only what is ahead", []time.Time{start.AddDate(1, 0, 0), {}}, []time.Time{c.FirstSeenAt, c.LastSeenAt})
}
