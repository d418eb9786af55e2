package show

import (
	"fmt"
	"html"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"golang.org/x/term"
)

// Progress shows how far a long piece of work is. In a notebook and on a terminal it is one line that changes in place, at least
// once a second, so that it does not stand still while a step takes long.
// In a file or pipe it is a new line, at most every 10 s, and a last line at the end. Several goroutines may use it at
// the same time.
type Progress struct {
	mu      sync.Mutex
	label   string
	total   int
	unit    string
	now     func() time.Time
	start   time.Time
	write   func(line string, last bool)
	say     func(text string)
	every   time.Duration // least time between two lines; the last line does not wait
	shown   time.Time     // when the last line was written; zero: none was written yet
	samples []sample      // recent ones, oldest first
	ended   bool

	tick time.Duration // after which a line without news is written again, with the time so far; 0: never
	text string        // of the last Update
	done int
	stop chan struct{} // closed by Done; nil: nothing ticks yet
}

// shownNow are the progresses whose lines change in place, the newest last. Only that one ticks: it is part of the work of the others.
var shownNow struct {
	mu  sync.Mutex
	all []*Progress
}

// sample is the number of steps done at a time.
type sample struct {
	at   time.Time
	done int
}

const (
	everyNotebook = 250 * time.Millisecond
	everyTerminal = 100 * time.Millisecond
	everyPlain    = 10 * time.Second

	// The pace is computed from the oldest and the newest sample that are kept. Samples are at least sampleEvery apart,
	// unless the work started again.
	sampleEvery = 500 * time.Millisecond
	samplesKept = 20
)

// NewProgress prepares the progress of total steps, which are counted in a unit such as "images"; a total of 0 means that
// their number is unknown. Without a unit and a total nothing is counted. Nothing is shown before the first Update or Done. In a notebook the line is shown inline,
// otherwise it is written to w. Done must be called, also after an error: until then a line that changes in place is
// written again every second.
func NewProgress(w io.Writer, label string, total int, unit string) *Progress {
	p := &Progress{label: label, total: total, unit: unit, now: time.Now}
	p.say = func(text string) { fmt.Fprintln(w, text) }
	switch {
	case gonbui.IsNotebook:
		id := gonbui.UniqueId()
		p.every, p.tick = everyNotebook, time.Second
		// The notebook is saved with the last content of the block.
		p.write = func(line string, _ bool) {
			gonbui.UpdateHTML(id, `<div style="font-family:monospace">`+html.EscapeString(line)+`</div>`)
		}
	case isTerminal(w):
		p.every, p.tick = everyTerminal, time.Second
		p.write = terminalLine(w, Width(w))
		p.say = func(text string) { fmt.Fprintf(w, "\r\x1b[K%s\n", text) }
	default:
		p.every = everyPlain
		p.write = func(line string, _ bool) { fmt.Fprintln(w, line) }
	}
	p.start = p.now()
	return p
}

// Update reports that done steps are finished. text is further information, such as the current loss. A call shows
// nothing if the last line is too recent. The estimate of the time left needs two calls that are at least half a second
// apart, so Update is best called with 0 at the beginning.
func (p *Progress) Update(done int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	now := p.now()
	p.record(now, done)
	p.done, p.text = done, text
	if p.tick > 0 && p.stop == nil {
		p.stop = make(chan struct{})
		shownNow.mu.Lock()
		shownNow.all = append(shownNow.all, p)
		shownNow.mu.Unlock()
		go p.ticking()
	}
	if !p.shown.IsZero() && now.Sub(p.shown) < p.every {
		return
	}
	p.show(now, "")
}

// Say writes a message on a line of its own, above the line of the last Update.
func (p *Progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say(text)
	if p.stop != nil && !p.ended {
		p.show(p.now(), "")
	}
}

// show writes the line of the last Update. so is what else is said of the time.
func (p *Progress) show(now time.Time, so string) {
	p.shown = now
	count := strconv.Itoa(p.done)
	if p.total > 0 {
		count += "/" + strconv.Itoa(p.total)
	}
	count += " " + p.unit
	if p.total == 0 && p.unit == "" {
		count = ""
	}
	p.write(join(p.label, count, so, p.left(now), p.text), false) // a narrow terminal cuts the text
}

// ticking writes the line again while nothing is reported.
func (p *Progress) ticking() {
	ticker := time.NewTicker(p.tick)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
		}
		shownNow.mu.Lock()
		newest := len(shownNow.all) > 0 && shownNow.all[len(shownNow.all)-1] == p
		shownNow.mu.Unlock()
		p.mu.Lock()
		if now := p.now(); newest && !p.ended && now.Sub(p.shown) >= p.tick {
			p.show(now, "for "+Duration(now.Sub(p.start)))
		}
		p.mu.Unlock()
	}
}

// Done writes the last line, with text and the total time. Later calls of Update and Done do nothing.
func (p *Progress) Done(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	if p.stop != nil {
		close(p.stop)
		shownNow.mu.Lock()
		shownNow.all = slices.DeleteFunc(shownNow.all, func(of *Progress) bool { return of == p })
		shownNow.mu.Unlock()
	}
	p.write(join(p.label, text, "in "+Duration(p.now().Sub(p.start))), true)
}

func (p *Progress) record(now time.Time, done int) {
	if n := len(p.samples); n > 0 {
		last := p.samples[n-1]
		if done < last.done {
			p.samples = p.samples[:0] // the work started again
		} else if now.Sub(last.at) < sampleEvery {
			return
		}
	}
	if len(p.samples) == samplesKept {
		p.samples = append(p.samples[:0], p.samples[1:]...)
	}
	p.samples = append(p.samples, sample{now, done})
}

// left is the estimated time left; "" if it cannot be estimated.
func (p *Progress) left(now time.Time) string {
	if len(p.samples) < 2 || p.total <= 0 {
		return ""
	}
	first, last := p.samples[0], p.samples[len(p.samples)-1]
	steps := last.done - first.done
	if steps <= 0 || last.done >= p.total {
		return ""
	}
	perStep := last.at.Sub(first.at).Seconds() / float64(steps)
	seconds := perStep*float64(p.total-last.done) - now.Sub(last.at).Seconds()
	return Duration(time.Duration(max(seconds, 0)*float64(time.Second))) + " left"
}

// Duration formats a duration: "7 s", "2 min 05 s", "1 h 02 min".
func Duration(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %02d min", s/3600, s%3600/60)
}

// join joins the parts that are not empty into one line.
func join(parts ...string) string {
	var line []string
	for _, part := range parts {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			line = append(line, part)
		}
	}
	return strings.Join(line, " · ")
}

// terminalLine writes each line over the one before. A line that is wider than the terminal could not be overwritten,
// so it is cut, except for the last one.
func terminalLine(w io.Writer, width int) func(string, bool) {
	return func(line string, last bool) {
		if last {
			fmt.Fprintf(w, "\r%s\x1b[K\n", line)
			return
		}
		if across(line) >= width {
			line, _ = begin(line, width-2)
			line += "…"
		}
		fmt.Fprintf(w, "\r%s\x1b[K", line)
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
