package synth

import (
	"fmt"
	"time"
)

// campaigns sends a message a month to a part of those who allow it. One in ten of them is held out and gets none, so that what
// a campaign brings can be told.
func (w *world) campaigns(from int) {
	for n, month := 0, w.span.begin.AddDate(0, 0, 9); month.Before(w.span.end); n, month = n+1, month.AddDate(0, 1, 0) {
		s := newStream(w.o.Seed, "campaign", n)
		weights := make([]float64, len(w.catalog.places))
		for i, p := range w.catalog.places {
			weights[i] = p.weight * seasons[p.season][month.AddDate(0, 2, 0).Month()-1]
		}
		place := w.catalog.places[s.pick(weights)]
		id := fmt.Sprintf("%s-%s", month.Format("2006-01"), place.id)
		for i, p := range w.persons[from:] {
			own := newStream(w.o.Seed, "campaign "+id, i)
			if p.marketing && !p.created.After(month) && own.chance(.35) && !own.chance(.1) {
				w.send(p, own, id, place.id, from+i, month)
			}
		}
	}
}

// send is one message and what becomes of it.
func (w *world) send(p *person, s stream, id, category string, owner int, day time.Time) {
	channel := "EMAIL"
	switch {
	case p.app && s.chance(.5):
		channel = "PUSH"
	case len(p.identities) > 0 && p.identities[0].kind != "EMAIL":
		channel = "SMS"
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, s.IntN(1_800), 0, day.Location())
	for _, step := range []struct {
		kind   string
		chance float64
		within int // minutes
	}{{"CAMPAIGN_SENT", 1, 1}, {"CAMPAIGN_OPENED", .3, 1_500}, {"CAMPAIGN_CLICKED", .2, 3}} {
		if !s.chance(step.chance) {
			return
		}
		at = at.Add(time.Duration(s.IntN(step.within*60)) * time.Second)
		e := blank(at, step.kind, p.id, channel)
		e.campaign, e.category, e.owner, e.source = id, category, owner, "mailing"
		w.record(e)
	}
}
