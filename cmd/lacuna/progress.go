package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"lacuna/loader/bulk"
)

// progress tells a person how far a load is: a bar on a terminal, else a line every five seconds.
type progress struct {
	w      io.Writer
	bar    *progressbar.ProgressBar // nil when w is no terminal
	isTerm bool
	told   time.Duration
}

const tellEvery = 5 * time.Second

func newProgress(w io.Writer) *progress {
	file, ok := w.(*os.File)
	return &progress{w: w, isTerm: ok && isatty.IsTerminal(file.Fd())}
}

func (p *progress) show(now bulk.Progress) {
	if p.isTerm {
		p.draw(now)
		return
	}
	if now.Elapsed-p.told < tellEvery {
		return
	}
	p.told = now.Elapsed
	fmt.Fprintf(p.w, "%s %s: %d rows, %s, %.0f rows/s\n", now.Step, filepath.Base(now.File), now.Rows, share(now), now.RowsPerSecond)
}

func (p *progress) draw(now bulk.Progress) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(max(now.TotalBytes, 1),
			progressbar.OptionSetWriter(p.w), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	p.bar.Describe(fmt.Sprintf("%s %s, %d rows", now.Step, filepath.Base(now.File), now.Rows))
	_ = p.bar.Set64(min(now.Bytes, now.TotalBytes)) // a bar that cannot be drawn is no reason to fail
}

// say writes a message without breaking the bar.
func (p *progress) say(format string, args ...any) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.w, format, args...)
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func share(now bulk.Progress) string {
	if now.TotalBytes == 0 {
		return "100 %"
	}
	return fmt.Sprintf("%d %%", 100*min(now.Bytes, now.TotalBytes)/now.TotalBytes)
}

// countProgress tells how many of so many rows are done: a bar on a terminal, else a line every five seconds.
type countProgress struct {
	*progress
	what  string
	begun time.Time
}

func newCountProgress(w io.Writer, what string) *countProgress {
	return &countProgress{newProgress(w), what, time.Now()}
}

func (p *countProgress) count(done, total int64) {
	if p.isTerm {
		if p.bar == nil {
			p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(p.w), progressbar.OptionSetWidth(30), progressbar.OptionSetDescription(p.what),
				progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		_ = p.bar.Set64(min(done, total))
		return
	}
	if elapsed := time.Since(p.begun); elapsed-p.told >= tellEvery {
		p.told = elapsed
		fmt.Fprintf(p.w, "%s: %d of %d rows, %.0f rows/s\n", p.what, done, total, float64(done)/elapsed.Seconds())
	}
}
