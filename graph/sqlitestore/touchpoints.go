package sqlitestore

import (
	"context"
	"errors"
	"slices"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// Touchpoints counts interactions by channel and phase.
func (s *Store) Touchpoints(ctx context.Context, customers []string) (map[string][]graph.Touchpoint, error) {
	if err := graph.CheckCount("customers", len(customers), graph.MaxKeys); err != nil {
		return nil, err
	}
	touchpoints := make(map[string][]graph.Touchpoint, len(customers))
	err := s.read(ctx, "count touchpoints", func(c *conn) error {
		for _, id := range customers {
			if touchpoints[id] != nil {
				continue
			}
			list, err := c.touchpoints(id)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				touchpoints[id] = list
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return touchpoints, nil
}

// touchpoints walks along a customer's interactions from the newest to the oldest.
func (c *conn) touchpoints(id string) (list []graph.Touchpoint, err error) {
	customer, err := c.number("SELECT key FROM customers WHERE id = ? AND live = 1", id)
	if err != nil || customer == 0 {
		return nil, err
	}
	err = c.rows("SELECT channel, type, at FROM interactions WHERE customer = +? ORDER BY at DESC", func(st *sqlite.Stmt) error {
		channel, phase := graph.Channel(st.ColumnInt64(0)), graph.PhaseOf(graph.InteractionType(st.ColumnInt64(1)))
		at := instant(st.ColumnInt64(2))
		i := slices.IndexFunc(list, func(t graph.Touchpoint) bool { return t.Channel == channel && t.Phase == phase })
		if i < 0 {
			i = len(list)
			list = append(list, graph.Touchpoint{Channel: channel, Phase: phase, LastAt: at})
		}
		list[i].Interactions++
		list[i].FirstAt = at
		return nil
	}, customer)
	slices.SortFunc(list, func(a, b graph.Touchpoint) int {
		if a.Channel != b.Channel {
			return int(a.Channel) - int(b.Channel)
		}
		return int(a.Phase) - int(b.Phase)
	})
	return list, err
}

// ignoreStopped drops the error by which a walk was ended early.
func ignoreStopped(err error) error {
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}
