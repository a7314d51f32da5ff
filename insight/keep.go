package insight

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"lacuna/graph"
)

// KeepMemberships writes who is in which segment, and what segments lack, into a store, at once and then once every while that the data has changed, until the context
// ends, whose error it returns. Of several engines over one store the one that holds the lease does so. Only differences are written. A
// segment whose rule does not fit the data keeps the members it had. What fails is tried again after every.
func (e *Engine) KeepMemberships(ctx context.Context, store keptGraph, every time.Duration) error {
	k := &keeper{engine: e, store: store, every: every, holder: rand.Text()}
	k.forget()
	defer k.giveBack(ctx)
	select {
	case <-e.tried:
	case <-ctx.Done():
		return ctx.Err()
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := k.round(ctx); err != nil && ctx.Err() == nil {
			k.forget()
			e.options.Logger.Warn("memberships of segments and what they lack are not written; they are tried again", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// keeper is the writer of memberships.
type keeper struct {
	engine *Engine
	store  keptGraph
	every  time.Duration
	holder string
	leased time.Time // when the lease was last taken

	// What the store holds, as far as it is known.
	sets      map[string]Set // by segment
	who       []*profiles    // pages of the view that the sets are of, by which customers are named who are gone since
	numbering *numbering
	version   graph.Cursor // of the view that is written; "" for none

	put, remove []graph.SegmentMember // not written yet
}

// memberBatch is how many memberships are written in one commit.
const memberBatch = 10_000

// leases last this many rounds: a round that is late should not cost the lease.
const leaseRounds = 3

// forget makes the next round read what the store holds.
func (k *keeper) forget() {
	k.sets, k.who, k.numbering, k.version = map[string]Set{}, nil, nil, ""
	k.put, k.remove = nil, nil
}

// giveBack lets another go on at once.
func (k *keeper) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = k.store.LeaseMemberships(ctx, k.holder, 0) // else the lease ends by itself
}

func (k *keeper) lease(ctx context.Context) (held bool, err error) {
	if held, err = k.store.LeaseMemberships(ctx, k.holder, leaseRounds*k.every); held {
		k.leased = k.engine.options.Now()
	}
	return held, err
}

// round writes what has changed since the last one.
func (k *keeper) round(ctx context.Context) error {
	v, err := k.engine.View()
	if err != nil {
		return err
	}
	held, err := k.lease(ctx)
	if err != nil {
		return err
	}
	if !held {
		k.forget()
		return nil
	}
	if k.version == v.version {
		return nil
	}
	if k.numbering != v.numbering {
		k.forget()
	}
	begun, written := k.engine.options.Now(), 0
	sets := make(map[string]Set, len(v.segments))
	for i := range v.segments {
		id := v.segments[i].ID
		set, err := k.segment(ctx, v, id, &written)
		if _, misfit := errors.AsType[*graph.RuleError](err); misfit {
			set, err = k.sets[id], nil
		}
		if err != nil {
			return fmt.Errorf("segment %q: %w", graph.Clip(id), err)
		}
		if set != nil {
			sets[id] = set
		}
	}
	if err := k.flush(ctx, 1, &written); err != nil {
		return err
	}
	k.sets, k.who, k.numbering, k.version = sets, whoOf(v), v.numbering, v.version
	lacks, err := k.lacks(ctx, v)
	if err != nil {
		return fmt.Errorf("what segments lack: %w", err)
	}
	if written += lacks; written > 0 {
		k.engine.options.Logger.Info("memberships of segments and what they lack were written", "changes", written, "seconds", k.engine.options.Now().Sub(begun).Seconds())
	}
	return k.doubt(ctx)
}

// doubt compares how many members the store has with how many it should have. Where that differs, since customers or segments went and came
// back, or somebody has changed the graph by hand, the next round reads what there is.
func (k *keeper) doubt(ctx context.Context) error {
	counts, err := k.store.CountSegmentMembers(ctx)
	if err != nil {
		return err
	}
	for id, set := range k.sets {
		if counts[id] != int64(set.Len()) {
			delete(k.sets, id)
			k.version = ""
		}
	}
	return nil
}

// segment notes how the members of a segment differ from what the store holds, and gives them.
func (k *keeper) segment(ctx context.Context, v *View, id string, written *int) (Set, error) {
	asOf := v.moment(time.Time{})
	rule, err := v.segmentRule(id)
	if err != nil {
		return nil, err
	}
	now, err := v.segmentSet(ctx, id, asOf)
	if err != nil {
		return nil, err
	}
	before, known := k.sets[id]
	who := k.who
	if !known {
		if before, err = k.read(ctx, v, id); err != nil {
			return nil, err
		}
		who = whoOf(v)
	}
	for n := range max(len(now), len(before)) {
		var is, was pageSet
		if n < len(now) {
			is = now[n]
		}
		if n < len(before) {
			was = before[n]
		}
		added, gone := is, was
		added.remove(&was)
		gone.remove(&is)
		for slot := range added.each() {
			k.put = append(k.put, graph.SegmentMember{Segment: id, Customer: v.pages[n].ids[slot], Since: rule.since(uint32(n)<<pageBits|uint32(slot), asOf)})
		}
		for slot := range gone.each() {
			k.remove = append(k.remove, graph.SegmentMember{Segment: id, Customer: who[n].ids[slot]})
		}
		if err := k.flush(ctx, memberBatch, written); err != nil {
			return nil, err
		}
	}
	return now, nil
}

func whoOf(v *View) []*profiles {
	who := make([]*profiles, len(v.pages))
	for n := range v.pages {
		who[n] = v.pages[n].profiles
	}
	return who
}

// read gives what the store holds of a segment. Who is no customer of the view is taken out.
func (k *keeper) read(ctx context.Context, v *View, id string) (Set, error) {
	set := make(Set, len(v.pages))
	for m, err := range k.store.SegmentMembers(ctx, id) {
		if err != nil {
			return nil, err
		}
		if number, ok := v.find(m.Customer); ok {
			set[number>>pageBits].add(int(number & (pageSize - 1)))
		} else {
			k.remove = append(k.remove, m)
		}
	}
	return set, nil
}

// flush writes what was noted, where it is at least so much.
func (k *keeper) flush(ctx context.Context, least int, written *int) error {
	for len(k.put)+len(k.remove) >= max(least, 1) {
		if k.engine.options.Now().Sub(k.leased) > k.every {
			if held, err := k.lease(ctx); err != nil || !held {
				return cmp.Or(err, errors.New("another writes memberships by now"))
			}
		}
		put := k.put[:min(memberBatch, len(k.put))]
		remove := k.remove[:min(memberBatch-len(put), len(k.remove))]
		if err := k.store.WriteMemberships(ctx, k.holder, put, remove); err != nil {
			return err
		}
		*written += len(put) + len(remove)
		k.put, k.remove = slices.Delete(k.put, 0, len(put)), slices.Delete(k.remove, 0, len(remove))
	}
	return nil
}
