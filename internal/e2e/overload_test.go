package e2e

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const profileBody = `{"query": "{ customer(by: {id: \"%s\"}) { id name identities { kind value } interactions(first: 20) { totalCount nodes { id type at product { id name categories { id name } } } } } }"}`

// client sends profiles over connections of its own. Nothing is sent twice on its own account: a request that fails is seen.
type client struct{ http.Client }

func newClient() *client {
	return &client{http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 10_000}, Timeout: 20 * time.Second}}
}

// profile asks for one customer, and gives the status and whether the answer is whole.
func (c *client) profile(tb testing.TB, url, customer string) (status int, whole bool, err error) {
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, url+"/graphql", strings.NewReader(fmt.Sprintf(profileBody, customer)))
	if err != nil {
		return 0, false, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.GetBody = nil // cannot be sent again
	response, err := c.Do(r)
	if err != nil {
		return 0, false, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, strings.Contains(string(body), `"id":"`+customer+`"`) && !strings.Contains(string(body), `"errors"`), err
}

// TestStopUnderLoad holds that a server which is told to stop under load fails no request: each that was taken is answered
// whole, and the next ones find the port closed.
func TestStopUnderLoad(t *testing.T) {
	folder := t.TempDir()
	if _, stderr, code := run(t, folder, "load", sampleFolder(t), "--store", "sqlite:shop.db"); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	rounds := 2
	if os.Getenv("LACUNA_SOAK") != "" {
		rounds = 25
	}
	for range rounds {
		r := start(t, folder, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db")
		var answered, failed atomic.Int64
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				c := newClient()
				defer c.CloseIdleConnections()
				for {
					status, whole, err := c.profile(t, r.url, "c001")
					switch {
					case errors.Is(err, syscall.ECONNREFUSED):
						return
					case err != nil || status != http.StatusOK || !whole:
						failed.Add(1)
						t.Errorf("after %d answers: %d %v", answered.Load(), status, err)
						return
					}
					answered.Add(1)
				}
			})
		}
		time.Sleep(300 * time.Millisecond)
		begun := time.Now()
		code, said := r.stop(t)
		took := time.Since(begun)
		all.Wait()
		if code != 0 || answered.Load() == 0 {
			t.Errorf("it ended with %d after %d answers: %s", code, answered.Load(), said)
		}
		t.Logf("stopped within %v; of %d requests %d failed", took, answered.Load()+failed.Load(), failed.Load())
	}
}

// TestOverload holds that a server with more to do than it has places for answers each request whole or with 503, and all again
// once the rush is over.
func TestOverload(t *testing.T) {
	folder := t.TempDir()
	if _, stderr, code := run(t, folder, "load", sampleFolder(t), "--store", "sqlite:shop.db"); code != 0 && code != 3 {
		t.Fatal(stderr)
	}
	r := start(t, folder, nil, "serve", "--addr", "127.0.0.1:0", "--store", "sqlite:shop.db", "--in-flight", "4")
	c := newClient()
	defer c.CloseIdleConnections()
	var served, shed atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 20 {
				switch status, whole, err := c.profile(t, r.url, "c001"); {
				case err == nil && status == http.StatusOK && whole:
					served.Add(1)
				case err == nil && status == http.StatusServiceUnavailable:
					shed.Add(1)
				default:
					t.Errorf("%d %v", status, err)
				}
			}
		})
	}
	all.Wait()
	if served.Load() == 0 || shed.Load() == 0 {
		t.Errorf("%d were served and %d refused", served.Load(), shed.Load())
	}
	if status, whole, err := c.profile(t, r.url, "c001"); status != http.StatusOK || !whole || err != nil {
		t.Errorf("afterwards %d %v", status, err)
	}
	if metrics := send(t, http.MethodGet, r.url+"/metrics", "").Text; !strings.Contains(metrics, fmt.Sprintf("\nlacuna_graphql_shed_total %d\n", shed.Load())) {
		t.Error("what was refused is not counted")
	}
	if code, said := r.stop(t); code != 0 {
		t.Errorf("it ended with %d: %s", code, said)
	}
}

// rush is what came of requests that arrived at a rate, whether or not those before were answered.
type rush struct {
	served, shed, failed int
	p50, p99             time.Duration // of those served, from when each was due
}

// arrive sends requests at a rate per second for a while.
func arrive(b *testing.B, url string, customers []string, rate float64, during time.Duration) rush {
	c := newClient()
	defer c.CloseIdleConnections()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		found rush
		took  []time.Duration
	)
	begun := time.Now()
	for n := range int(rate * during.Seconds()) {
		due := begun.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		all.Go(func() {
			status, whole, err := c.profile(b, url, customers[n%len(customers)])
			late := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && status == http.StatusOK && whole:
				found.served++
				took = append(took, late)
			case err == nil && status == http.StatusServiceUnavailable:
				found.shed++
			default:
				found.failed++
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	if len(took) > 0 {
		found.p50, found.p99 = took[len(took)/2], took[len(took)*99/100]
	}
	return found
}

// BenchmarkOverload finds what the server answers at most, then lets as much arrive, and twice as much. It shares the machine with
// who asks.
func BenchmarkOverload(b *testing.B) {
	folder := b.TempDir()
	r := start(b, folder, []string{"TMPDIR=" + folder}, "demo", "--addr", "127.0.0.1:0")
	customers := make([]string, 500)
	for i := range customers {
		customers[i] = fmt.Sprintf("c%03d", 1+rand.IntN(9_000))
	}
	for b.Loop() {
		capacity := measureCapacity(b, r.url, customers)
		at := arrive(b, r.url, customers, capacity, 5*time.Second)
		twice := arrive(b, r.url, customers, 2*capacity, 5*time.Second)
		b.ReportMetric(capacity, "capacity/s")
		b.ReportMetric(at.p99.Seconds()*1e3, "p99-at-1x-ms")
		b.ReportMetric(twice.p99.Seconds()*1e3, "p99-at-2x-ms")
		b.ReportMetric(float64(twice.p99)/float64(at.p99), "p99-ratio")
		b.ReportMetric(float64(twice.shed)/float64(twice.served+twice.shed), "shed-at-2x")
		b.ReportMetric(float64(at.failed+twice.failed), "failed")
		b.Logf("capacity %.0f/s; at it %+v; at twice %+v", capacity, at, twice)
	}
	r.stop(b)
}

// measureCapacity gives how many requests a second are answered when 32 callers wait for each answer.
func measureCapacity(b *testing.B, url string, customers []string) float64 {
	const during = 3 * time.Second
	var served atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	for range 32 {
		all.Go(func() {
			c := newClient()
			defer c.CloseIdleConnections()
			for n := 0; time.Since(begun) < during; n++ {
				if status, whole, err := c.profile(b, url, customers[n%len(customers)]); err != nil || status != http.StatusOK || !whole {
					b.Errorf("%d %v", status, err)
					return
				}
				served.Add(1)
			}
		})
	}
	all.Wait()
	return float64(served.Load()) / time.Since(begun).Seconds()
}
