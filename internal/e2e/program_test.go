package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the program once a test run.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildFolder, "lacuna")
	build := exec.Command("go", "build", "-o", path, "lacuna/cmd/lacuna")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

var buildFolder string

func TestMain(m *testing.M) {
	var err error
	if buildFolder, err = os.MkdirTemp("", "lacuna-e2e-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(buildFolder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// command makes a command that runs in folder, without settings of the machine that runs the tests.
func command(t *testing.T, folder string, arguments ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, arguments...)
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
	cmd := command(t, folder, arguments...)
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
func start(t *testing.T, folder string, variables []string, arguments ...string) *running {
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
func (r *running) stop(t *testing.T) (code int, said string) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	said = <-r.after
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

// eventually waits for what another process brings about, at most so long.
func eventually(t *testing.T, within time.Duration, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within %v", what, within)
		}
	}
}
