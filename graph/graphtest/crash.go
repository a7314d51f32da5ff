package graphtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"lacuna/graph"
)

// crashRows is how many interactions a batch of the child has, all of one customer.
const crashRows = 40

// testCrash kills a process in the middle of its writing, again and again: what it was told is kept, once, and in whole
// batches.
func testCrash(t *testing.T, f Factory) {
	kills := 5
	if soak() {
		kills = 100
	}
	for _, mode := range []string{modeWrite, modeBulk} {
		t.Run(mode, func(t *testing.T) {
			c := &crash{t: t, f: f, mode: mode, location: f.NewLocation(t), acknowledged: -1, seen: map[string]int{}, random: rand.New(rand.NewPCG(1, 2))}
			for round := range kills {
				c.kill(round)
				c.check()
			}
			if c.acknowledged < 0 {
				t.Error("no batch was acknowledged before the process was killed")
			}
		})
	}
}

// crash is one store whose writers are killed.
type crash struct {
	t            *testing.T
	f            Factory
	mode         string
	location     string
	random       *rand.Rand
	acknowledged int            // the last batch that the child said was written
	at           graph.Cursor   // how far the feed has been read
	seen         map[string]int // interactions that the feed has told
}

// kill starts a child that goes on after the last acknowledged batch, and kills it after some lines that it wrote. The
// first two of a bulk load die before anything is acknowledged.
func (c *crash) kill(round int) {
	c.t.Helper()
	child := startChild(c.t, c.location, c.mode, c.acknowledged+1)
	lines := 1 + c.random.IntN(25)
	if c.mode == modeBulk && round < 2 {
		lines = 1 + c.random.IntN(bulkBatchesEach-1)
	}
	for range lines {
		c.read(child)
	}
	for range c.random.IntN(2_000_000) { // a little further into what it does next
		c.random.Uint64()
	}
	if err := child.cmd.Process.Kill(); err != nil {
		c.t.Fatalf("kill: %v", err)
	}
	for c.read(child) { // what it said before it died
	}
	if err := child.cmd.Wait(); err == nil {
		c.t.Fatal("the child ended before it was killed")
	}
}

// read reads one line of the child, and tells whether there was one.
func (c *crash) read(child *child) bool {
	c.t.Helper()
	if !child.lines.Scan() {
		return false
	}
	line := child.lines.Text()
	var n int
	if _, err := fmt.Sscanf(line, "done %d", &n); err == nil {
		c.acknowledged = n
		return true
	}
	if _, err := fmt.Sscanf(line, "wrote %d", &n); err != nil {
		c.t.Fatalf("the child says %q", line)
	}
	return true
}

// check opens the store and checks what is there.
func (c *crash) check() {
	c.t.Helper()
	x := &fixture{t: c.t, f: c.f, location: c.location, clock: &clock{now: start}}
	x.Store = x.handle()
	var total, batches int64
	for n := 0; ; n++ {
		got := len(x.ids(crashCustomer(n)))
		if got != 0 && got != crashRows {
			c.t.Fatalf("batch %d has %d interactions of %d", n, got, crashRows)
		}
		if got == 0 && n <= c.acknowledged {
			c.t.Fatalf("batch %d of %d that were acknowledged is gone", n, c.acknowledged)
		}
		if got == 0 {
			break
		}
		total, batches = total+int64(got), batches+1
	}
	s := x.stats()
	x.same("interactions and customers", []int64{total, batches}, []int64{s.Interactions, s.Customers})
	told, next := x.changes(c.at, 1000)
	c.at = next
	for _, change := range told {
		if change.Kind == graph.InteractionRecorded {
			c.seen[change.ID]++
		}
	}
	for id, times := range c.seen {
		if times != 1 {
			c.t.Fatalf("the feed tells %d times of %s", times, id)
		}
	}
	x.same("interactions in the feed", total, int64(len(c.seen)))
	if err := x.Close(); err != nil {
		c.t.Fatalf("Close: %v", err)
	}
}

// What the child does, and where it is told.
const (
	modeWrite = "write"
	modeBulk  = "bulk"

	envLocation = "LACUNA_GRAPHTEST_LOCATION"
	envMode     = "LACUNA_GRAPHTEST_MODE"
	envFirst    = "LACUNA_GRAPHTEST_FIRST"

	bulkBatchesEach = 12 // batches of one bulk load
)

// InChild tells whether this process is a child that writes until it is killed. A TestMain that starts a server must not
// do so there: [Run] opens the location that its parent names.
func InChild() bool { return os.Getenv(envLocation) != "" }

type child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// startChild runs the test that called [Run] in a process of its own.
func startChild(t *testing.T, location, mode string, first int) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test binary: %v", err)
	}
	names := strings.Split(t.Name(), "/")
	names = names[:len(names)-2] // without "crash" and the mode
	for i, name := range names {
		names[i] = "^" + regexp.QuoteMeta(name) + "$"
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+strings.Join(names, "/"), "-test.v=false")
	cmd.Env = append(os.Environ(), envLocation+"="+location, envMode+"="+mode, fmt.Sprintf("%s=%d", envFirst, first))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start child: %v", err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // its end tells the child that the parent is gone
		t.Fatalf("start child: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start child: %v", err)
	}
	t.Cleanup(func() { // a test that failed has not killed it
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &child{cmd: cmd, lines: bufio.NewScanner(out)}
}

func crashCustomer(batch int) string { return fmt.Sprintf("crash%06d", batch) }

func crashBatch(n int) graph.Batch {
	b := customers(person(crashCustomer(n), "N", email(fmt.Sprintf("%d@x", n))))
	for i := range crashRows {
		b.Interactions = append(b.Interactions, viewBy(fmt.Sprintf("%d-%d", n, i), email(fmt.Sprintf("%d@x", n)), i))
	}
	return b
}

// runChild writes batches until the process is killed or its parent is gone. It says "wrote" of a batch of a bulk load that
// may still be lost, and "done" of one that must not be.
func runChild(t testing.TB, f Factory, out io.Writer) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent, however it ends
		os.Exit(3)
	}()
	x := &fixture{t: t, f: f, location: os.Getenv(envLocation), clock: &clock{now: start}}
	x.Store = x.handle()
	var n int
	if _, err := fmt.Sscan(os.Getenv(envFirst), &n); err != nil {
		t.Fatal(err)
	}
	say := func(word string, n int) {
		if _, err := fmt.Fprintln(out, word, n); err != nil {
			os.Exit(3)
		}
	}
	for {
		if os.Getenv(envMode) == modeWrite {
			x.write(crashBatch(n))
			say("done", n)
			n++
			continue
		}
		x.bulk(func(w graph.Writer) error {
			for i := range bulkBatchesEach {
				o, err := w.Write(x.ctx(), new(crashBatch(n+i)))
				if err != nil {
					return err
				}
				if len(flat(o)) != crashRows+1 {
					return errors.New("outcomes are missing")
				}
				say("wrote", n+i)
			}
			return nil
		})
		n += bulkBatchesEach
		say("done", n-1)
	}
}
