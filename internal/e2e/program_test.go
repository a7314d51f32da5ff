package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lacuna/graph/neo4jstore/neo4jtest"
)

// program builds the program once a test run.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildFolder, "lacuna")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "lacuna/cmd/lacuna")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, sources("../../cmd", "../config")
})

// sources looks at every file of what only the program imports. go test keeps the result of a run until a file that the
// tests have looked at is changed, and does not know what the compiler has looked at.
func sources(folders ...string) error {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var buildFolder string

func TestMain(m *testing.M) {
	var err error
	if buildFolder, err = os.MkdirTemp("", "lacuna-e2e-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := errors.Join(os.RemoveAll(buildFolder), neo4jtest.End()); err != nil {
			panic(err)
		}
		os.Exit(code)
	}))
}

// byProgram leaves out a test of the program under the race detector: the program is built as it is shipped, without it, so that the test would prove again what it
// proves anyway. Such a test begins with it where it does much before the program runs.
func byProgram(t testing.TB) {
	t.Helper()
	if underRace {
		t.Skip("the program that is run has no race detector in it")
	}
}

// command makes a command that runs in folder, without settings of the machine that runs the tests.
func command(t testing.TB, folder string, arguments ...string) *exec.Cmd {
	t.Helper()
	return commandUntil(t.Context(), t, folder, arguments...)
}

// commandUntil makes a command that is killed when the context ends.
func commandUntil(ctx context.Context, t testing.TB, folder string, arguments ...string) *exec.Cmd {
	t.Helper()
	byProgram(t)
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, arguments...)
	cmd.Dir = folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "LACUNA_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	return cmd
}

// run gives what a command line prints and its exit code.
func run(t *testing.T, folder string, arguments ...string) (stdout, stderr string, code int) {
	t.Helper()
	return runWith(t, folder, nil, arguments...)
}

// runWith is run with variables added to the environment.
func runWith(t *testing.T, folder string, variables []string, arguments ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := command(t, folder, arguments...)
	cmd.Env = append(cmd.Env, variables...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if failure := cmd.Run(); failure != nil {
		if exit, ok := errors.AsType[*exec.ExitError](failure); !ok || exit.ExitCode() < 0 {
			t.Fatal(failure)
		}
	}
	return out.String(), err.String(), cmd.ProcessState.ExitCode()
}

// running is a server that runs.
type running struct {
	url    string
	before []string // lines on stderr before it listened
	cmd    *exec.Cmd
	after  chan string // what came on stderr since
}

// start runs a command that serves, until it says where. The environment has variables added.
func start(t testing.TB, folder string, variables []string, arguments ...string) *running {
	t.Helper()
	r := &running{cmd: command(t, folder, arguments...), after: make(chan string, 1)}
	r.cmd.Env = append(r.cmd.Env, variables...)
	stderr, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it ended before it listened: %s", append(r.before, line))
		}
		if url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on "); ok {
			r.url = url
			break
		}
		r.before = append(r.before, strings.TrimSpace(line))
	}
	go func() {
		rest, _ := io.ReadAll(lines)
		r.after <- string(rest)
	}()
	return r
}

// stop ends it as an operator does, and gives its exit code and what it said since it listened.
func (r *running) stop(t testing.TB) (code int, said string) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case said = <-r.after:
	case <-time.After(10 * time.Second):
		t.Error("it does not end within 10 s")
		if err := r.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		said = <-r.after
	}
	if err := r.cmd.Wait(); err != nil {
		t.Logf("stopped with %v: %s", err, said)
	}
	return r.cmd.ProcessState.ExitCode(), said
}

// write makes a file in folder.
func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// listing gives the names and sizes of what stands in a folder.
func listing(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %d", e.Name(), info.Size()))
	}
	return list
}

// eventually waits for what another process brings about, at most so long.
func eventually(t *testing.T, within time.Duration, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within %v", what, within)
		}
	}
}
