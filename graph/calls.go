package graph

import "sync"

// Calls counts the calls of a store that are under way, so that closing it waits for them. The zero value is open.
type Calls struct {
	mu      sync.Mutex
	running sync.WaitGroup
	closed  bool
	once    sync.Once
}

// Enter begins a call, or answers with [ErrClosed]. Leave ends it.
func (c *Calls) Enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.running.Add(1)
	return nil
}

// Leave ends a call.
func (c *Calls) Leave() { c.running.Done() }

// Close refuses further calls, waits for those under way and calls release, once. The first caller gets its error; the others return when it
// has.
func (c *Calls) Close(release func() error) (err error) {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.once.Do(func() {
		c.running.Wait()
		err = release()
	})
	return err
}
