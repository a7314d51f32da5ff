package sqlitestore

import (
	"sync"

	"zombiezen.com/go/sqlite"

	"lacuna/graph"
)

// names keeps what keys stand for, where that is settled for ever once it is committed: sources, attributes, the ids of
// products and categories. It is filled from committed states only, so no other process can make it untrue.
type names struct {
	mu         sync.RWMutex
	sources    map[int64]string
	products   map[int64]string
	categories map[int64]string
	attributes map[int64]attribute
	byName     map[graph.AttributeKey]int64 // of attributes
}

// attribute is an attribute with its settled type.
type attribute struct {
	graph.AttributeKey
	kind graph.ValueKind
}

// maxNames bounds each map; beyond it names are read anew.
const maxNames = 200_000

func named(c *conn, mu *sync.RWMutex, m *map[int64]string, key int64, query string) (name string, err error) {
	if key == 0 {
		return "", nil
	}
	mu.RLock()
	name, ok := (*m)[key]
	mu.RUnlock()
	if ok {
		return name, nil
	}
	found, err := c.row(query, func(st *sqlite.Stmt) { name = st.ColumnText(0) }, key)
	if err != nil {
		return "", err
	}
	if !found {
		return "", damaged("find the name of a key")
	}
	mu.Lock()
	defer mu.Unlock()
	if *m == nil || len(*m) >= maxNames {
		*m = map[int64]string{}
	}
	(*m)[key] = name
	return name, nil
}

func (n *names) source(c *conn, key int64) (string, error) {
	return named(c, &n.mu, &n.sources, key, "SELECT name FROM sources WHERE key = ?")
}

func (n *names) product(c *conn, key int64) (string, error) {
	return named(c, &n.mu, &n.products, key, "SELECT id FROM products WHERE key = ?")
}

func (n *names) category(c *conn, key int64) (string, error) {
	return named(c, &n.mu, &n.categories, key, "SELECT id FROM categories WHERE key = ?")
}

// attribute gives name and type of an attribute's key.
func (n *names) attribute(c *conn, key int64) (attribute, error) {
	n.mu.RLock()
	a, ok := n.attributes[key]
	n.mu.RUnlock()
	if ok {
		return a, nil
	}
	if err := n.readAttributes(c); err != nil {
		return attribute{}, err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	if a, ok = n.attributes[key]; !ok {
		return attribute{}, damaged("find the name of an attribute")
	}
	return a, nil
}

// kindOf gives the settled type of an attribute, which must have one.
func (n *names) kindOf(c *conn, scope graph.Scope, name string) (graph.ValueKind, error) {
	k := graph.AttributeKey{Scope: scope, Name: name}
	n.mu.RLock()
	key, ok := n.byName[k]
	n.mu.RUnlock()
	if !ok {
		if err := n.readAttributes(c); err != nil {
			return 0, err
		}
		n.mu.RLock()
		key, ok = n.byName[k]
		n.mu.RUnlock()
		if !ok {
			return 0, damaged("find the type of an attribute")
		}
	}
	a, err := n.attribute(c, key)
	return a.kind, err
}

func (n *names) readAttributes(c *conn) error {
	attributes, byName := map[int64]attribute{}, map[graph.AttributeKey]int64{}
	err := c.rows("SELECT key, scope, name, kind FROM attributes", func(st *sqlite.Stmt) error {
		a := attribute{
			AttributeKey: graph.AttributeKey{Scope: graph.Scope(st.ColumnInt64(1)), Name: st.ColumnText(2)},
			kind:         graph.ValueKind(st.ColumnInt64(3)),
		}
		attributes[st.ColumnInt64(0)], byName[a.AttributeKey] = a, st.ColumnInt64(0)
		return nil
	})
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(attributes) >= len(n.attributes) { // else a reader of a later state was quicker
		n.attributes, n.byName = attributes, byName
	}
	return nil
}
