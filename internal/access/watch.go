package access

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Watch is a keyring that follows its file: a key that was added or removed counts within about a second, without a restart.
// A file that has become unreadable changes nothing, and is logged. It is safe for concurrent use.
type Watch struct {
	path    string
	logger  *slog.Logger
	now     func() time.Time
	current atomic.Pointer[Keyring]

	next atomic.Int64 // when to look again, in nanoseconds since 1970
	mu   sync.Mutex   // held by who looks
	seen stamp        // of the file as it was read last
}

// stamp tells versions of a file apart.
type stamp struct {
	modified time.Time
	size     int64
}

const watchEvery = time.Second

// NewWatch reads the keyring for the first time. now is the clock; nil is time.Now.
func NewWatch(path string, logger *slog.Logger, now func() time.Time) (*Watch, error) {
	if now == nil {
		now = time.Now
	}
	w := &Watch{path: path, logger: logger, now: now}
	w.seen = w.stamp()
	k, err := Load(path)
	if err != nil {
		return nil, err
	}
	w.current.Store(k)
	w.next.Store(now().Add(watchEvery).UnixNano())
	return w, nil
}

func (w *Watch) stamp() stamp {
	info, err := os.Stat(w.path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// Keyring gives the keys of now.
func (w *Watch) Keyring() *Keyring {
	if now := w.now().UnixNano(); now >= w.next.Load() && w.mu.TryLock() {
		w.look()
		w.next.Store(now + int64(watchEvery))
		w.mu.Unlock()
	}
	return w.current.Load()
}

// look reads the file again if it has changed.
func (w *Watch) look() {
	found := w.stamp()
	if found == w.seen {
		return
	}
	w.seen = found
	k, err := Load(w.path)
	if err != nil {
		w.logger.Error("the keys could not be read again; those of before still hold", "error", err.Error())
		return
	}
	w.current.Store(k)
	w.logger.Info("the keys were read again", "keys", k.Len())
}
