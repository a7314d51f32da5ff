// Package neo4jtest gives tests a real Neo4j server: the one that LACUNA_TEST_NEO4J names, whose whole database tests may empty, or one
// that the process starts for itself.
package neo4jtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Environment names the variable that names a server: bolt://user:password@host:port.
const Environment = "LACUNA_TEST_NEO4J"

// Location is where a server is and how it is entered.
type Location struct {
	URL      string // bolt://host:port
	User     string
	Password string
}

// String writes it as a store's location, without the password.
func (l Location) String() string { return l.URL }

var (
	once   sync.Once
	server *Process
	found  Location
	failed error
)

// End ends the server that tests of this process have started, if any. It belongs at the end of TestMain.
func End() error {
	if server == nil {
		return nil
	}
	return server.Stop()
}

// Server gives the server of the process. Where none can be had the test is left out, or fails with CI=true.
func Server(t testing.TB) Location {
	t.Helper()
	once.Do(func() {
		if text := os.Getenv(Environment); text != "" {
			found, failed = parse(text)
			return
		}
		if server, failed = Start(); failed == nil {
			found = server.Location
			failed = os.Setenv(Environment, fmt.Sprintf("bolt://%s:%s@%s", found.User, found.Password, found.URL[len("bolt://"):])) //nolint:usetesting // for processes that any test starts
		}
	})
	if failed == nil {
		return found
	}
	text := fmt.Sprintf("NEO4J IS NOT TESTED: %v", failed)
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
	return found
}

func parse(text string) (l Location, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User == nil {
		return l, fmt.Errorf("%s must be bolt://user:password@host:port", Environment)
	}
	password, _ := u.User.Password()
	return Location{u.Scheme + "://" + u.Host, u.User.Username(), password}, nil
}

// Process is a server of our own.
type Process struct {
	Location
	home string
	port int
	cmd  *exec.Cmd
	tie  io.WriteCloser
	log  *os.File
}

// startTimeout is how long a server may take to listen.
const startTimeout = 3 * time.Minute

// Start fetches the server where it is not there yet, and starts one on a free port. Where there are arguments, neo4j-admin is run with them
// before.
func Start(admin ...string) (*Process, error) {
	home, err := os.MkdirTemp("", "lacuna-neo4j-")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Process{home: home, port: listener.Addr().(*net.TCPAddr).Port}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	p.Location = Location{URL: "bolt://127.0.0.1:" + strconv.Itoa(p.port), User: "neo4j", Password: "lacuna-of-tests"}
	if err := p.fetch(admin); err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	if err := p.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	return p, nil
}

func script() string {
	_, self, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(self), "..", "..", "..", "internal", "tools", "neo4j.sh")
}

func (p *Process) fetch(admin []string) error {
	if out, err := exec.Command(script(), "fetch").CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	if len(admin) == 0 {
		return nil
	}
	if out, err := exec.Command(script(), append([]string{"admin", p.home}, admin...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("neo4j-admin: %w: %s", err, out)
	}
	return nil
}

func (p *Process) run() (err error) {
	if p.log, err = os.Create(filepath.Join(p.home, "server.log")); err != nil {
		return err
	}
	p.cmd = exec.Command(script(), "run", p.home, strconv.Itoa(p.port), p.Password)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = append(os.Environ(), "LACUNA_NEO4J_TIED=true")
	if p.tie, err = p.cmd.StdinPipe(); err != nil { // its end tells the script that we are gone
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	return p.await()
}

// await waits until the server answers.
func (p *Process) await() error {
	driver, err := neo4j.NewDriverWithContext(p.URL, neo4j.BasicAuth(p.User, p.Password, ""))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		if err = driver.VerifyConnectivity(ctx); err == nil {
			return driver.Close(ctx)
		}
		if ctx.Err() != nil || p.cmd.ProcessState != nil {
			text, _ := os.ReadFile(p.log.Name())
			return errors.Join(fmt.Errorf("the server does not answer: %w\n%s", err, text), driver.Close(context.Background()), p.Stop())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// Kill ends the server as a power cut would, and leaves its data. Restart starts it again on the same port.
func (p *Process) Kill() error {
	text, err := os.ReadFile(filepath.Join(p.home, "server.pid"))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	err = p.tie.Close()
	_ = p.cmd.Wait()
	return errors.Join(err, p.log.Close())
}

// Restart starts a server that was killed.
func (p *Process) Restart() error { return p.run() }

// Stop ends the server cleanly and removes its data.
func (p *Process) Stop() error {
	err := p.tie.Close()
	_ = p.cmd.Wait() // it ends with the server's code
	return errors.Join(err, p.log.Close(), os.RemoveAll(p.home))
}

// Empty removes all nodes of a server's database.
func Empty(t testing.TB, l Location) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	driver, err := neo4j.NewDriverWithContext(l.URL, neo4j.BasicAuth(l.User, l.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	session := driver.NewSession(ctx, neo4j.SessionConfig{})
	result, err := session.Run(ctx, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", nil)
	if err == nil {
		_, err = result.Consume(ctx)
	}
	if err := errors.Join(err, session.Close(ctx), driver.Close(ctx)); err != nil {
		t.Fatal(err)
	}
}
