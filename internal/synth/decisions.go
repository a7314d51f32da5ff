package synth

import (
	"fmt"
	"time"
)

// Decision is what was decided about a gap of the marketplace. Files carry none: who loads a marketplace into a store records them there.
type Decision struct {
	ID                string // unique
	Segment, Category string // the gap
	Status            string // as the API's GapStatus
	At                time.Time
	Product           string // id; "" for none
	Note, By          string
}

const (
	launchedCategory = "transport-campervan"
	launchedWeeks    = 15
)

// Decisions tells of the one gap of a marketplace that was closed: families looked for vans to sleep in, and found none until they were launched.
func Decisions(o Options) ([]Decision, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("decide about gaps: %w", err)
	}
	if o, err = o.withDefaults(zone); err != nil {
		return nil, fmt.Errorf("decide about gaps: %w", err)
	}
	product := plantedProduct("taiwan-hualien", launchedCategory, "family")
	list := []Decision{
		{Status: "REVIEWING", Note: "Families ask for vans to sleep in, and we have none. Which partners could offer them?", At: o.End.AddDate(0, 0, -7*launchedWeeks-84)},
		{Status: "IN_DEVELOPMENT", Note: "Three rental companies have agreed; child seats are a must.", Product: product, At: o.End.AddDate(0, 0, -7*launchedWeeks-56)},
		{Status: "LAUNCHED", Note: "On sale in ten places, four kinds each.", Product: product, At: o.End.AddDate(0, 0, -7*launchedWeeks)},
	}
	for i := range list {
		d := &list[i]
		d.ID, d.Segment, d.Category, d.By = fmt.Sprintf("demo-%d", i+1), "families", launchedCategory, "lin.product"
	}
	return list, nil
}
