package insight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lacuna/graph"
)

// answers are tables of all that there is.
func answers(t testing.TB, v *View) (lines []string) {
	t.Helper()
	for _, by := range [][]Dimension{nil, {BySegment}, {ByCategory, ByPeriod}, {ByProduct}, {ByAttribute, ByChannel}} {
		table, err := v.Demand(t.Context(), DemandQuery{By: by, Attribute: "city", Grain: Month, Measures: allMeasures})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, table.lines()...)
	}
	p, err := v.Population(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sources {
		lines = append(lines, fmt.Sprintf("%+v", s))
	}
	return append(lines, fmt.Sprint(p.Customers, p.Buyers, p.Revenue, p.Lifecycles, p.Known, p.Verified))
}

// restored begins an engine from a snapshot.
func restored(t testing.TB, store graph.Store, path string) (*followed, error) {
	t.Helper()
	f := &followed{Engine: New(options())}
	f.writer = newWriter(store, f.options)
	at, err := f.writer.restore(t.Context(), path)
	if err != nil {
		return nil, err
	}
	f.at = at
	f.catchUp(t, true)
	return f, nil
}

// TestSnapshot holds that an engine which begins from a snapshot answers as one that reads everything, also after changes.
func TestSnapshot(t *testing.T) {
	for seed := range uint64(4) {
		c := &chaos{Rand: rand.New(rand.NewPCG(seed, 12)), store: newStore(t)}
		c.begin(t)
		f := follow(t, c.store)
		path := filepath.Join(t.TempDir(), "figures")
		for range 4 {
			for range 25 {
				c.act(t)
			}
			f.catchUp(t, true)
			if err := f.writer.save(path, f.at); err != nil {
				t.Fatal(err)
			}
			for range 10 {
				c.act(t)
			}
			again, err := restored(t, c.store, path)
			if err != nil {
				t.Fatal(err)
			}
			want := answers(t, follow(t, c.store).current.Load())
			if diff := cmp.Diff(want, answers(t, again.current.Load())); diff != "" {
				t.Fatalf("seed %d: %s", seed, diff)
			}
			for range 10 {
				c.act(t)
			}
			want = answers(t, follow(t, c.store).current.Load())
			if diff := cmp.Diff(want, answers(t, again.catchUp(t, true))); diff != "" {
				t.Fatalf("seed %d, later: %s", seed, diff)
			}
		}
	}
}

// TestDamagedSnapshot holds that a snapshot is used whole or not at all, and with the store alone that it is of.
func TestDamagedSnapshot(t *testing.T) {
	c := &chaos{Rand: rand.New(rand.NewPCG(1, 13)), store: newStore(t)}
	c.begin(t)
	f := follow(t, c.store)
	path := filepath.Join(t.TempDir(), "figures")
	if err := f.writer.save(path, f.at); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		broken := bytes.Clone(whole)
		if c.IntN(3) == 0 {
			broken = broken[:c.IntN(len(broken))]
		} else {
			broken[c.IntN(len(broken))] ^= byte(1 + c.IntN(255))
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := restored(t, c.store, path); err == nil {
			t.Error("a damaged snapshot is used")
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := restored(t, newStore(t), path); !errors.Is(err, graph.ErrCursorExpired) {
		t.Errorf("with another store: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// TestErased holds that nothing of an erased person stands in the engine or its snapshot.
func TestErased(t *testing.T) {
	store := newStore(t)
	path := filepath.Join(t.TempDir(), "figures")
	note := func(id, text string) {
		t.Helper()
		_, err := store.Write(t.Context(), &graph.Batch{
			Customers: []graph.CustomerUpsert{{ID: id, Source: "test", Attributes: []graph.NamedValue{{Name: "note", Value: graph.TextValue(text)}}}},
			Interactions: []graph.Interaction{{ID: "i" + id, Type: graph.Search, At: start, Customer: graph.ByID(id), Query: "for " + text, Source: "test",
				Attributes: []graph.NamedValue{{Name: "wish", Value: graph.TextValue("wants " + text)}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	note("canaria", "canary")
	note("other", "sparrow")
	o := options()
	o.Snapshot, o.Poll = path, time.Millisecond
	e := New(o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, store) }()
	await := func(what string, is func(v *View) bool) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; {
			if v, err := e.View(); err == nil && is(v) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
			time.Sleep(time.Millisecond)
		}
	}
	await("she is not there", func(v *View) bool { _, ok := v.find("canaria"); return ok })
	if _, err := store.Erase(t.Context(), "canaria", false); err != nil {
		t.Fatal(err)
	}
	await("she is still there", func(v *View) bool { _, ok := v.find("canaria"); return !ok })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("canar")) || !bytes.Contains(text, []byte("sparrow")) {
		t.Error("the snapshot has what was erased, or not what was not")
	}
	v, err := e.View()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range append(v.attributes, v.eventAttributes...) {
		for _, x := range a.values {
			if s := x.String(); len(s) > 5 && bytes.Contains([]byte(s), []byte("canary")) {
				t.Errorf("%s still has %s", a.name, s)
			}
		}
	}
	for _, q := range v.queries {
		if bytes.Contains([]byte(q), []byte("canary")) {
			t.Errorf("there is still %s", q)
		}
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
}
