package show

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"fashionlatent/lib/figure"
)

// Control is a control with which a reader changes a figure: a choice if there are Options, otherwise a slider from 0
// to Max.
type Control struct {
	Label   string
	Options []string
	Max     int
	Value   int // at the start; of a choice, the index of the option
}

// Draw makes the figure for the values of the controls.
type Draw func(values []int) (*figure.Figure, error)

// Live shows a figure below its controls in a notebook. Whenever the reader moves a control, it draws the figure again
// in the same place. It ends when the reader presses "Done", when the controls are not used for a long time, or when
// ctx ends, which is not an error. The last figure stays. If no browser answers, such as when a program executes the
// notebook, and outside a notebook, it draws the figure of the first values once and returns.
//
// GoNB's own widgets are not used, because creating one waits for ever if there is no browser.
func Live(ctx context.Context, controls []Control, draw Draw) error {
	values := make([]int, len(controls))
	for i, c := range controls {
		if last := c.last(); c.Value < 0 || c.Value > last {
			return fmt.Errorf("show: control %q begins at %d, want 0 to %d", c.Label, c.Value, last)
		}
		values[i] = c.Value
	}
	l := &live{controls: controls, draw: draw, moves: make(chan move, 1), show: func(f *figure.Figure) (int, error) { return 0, nil }}
	figureID := gonbui.UniqueId()
	if gonbui.IsNotebook {
		controlsID := gonbui.UniqueId()
		gonbui.UpdateHTML(controlsID, "") // above the figure, which is shown while the browser is asked
		defer gonbui.UpdateHTML(controlsID, "")
		l.show = func(f *figure.Figure) (int, error) {
			s, err := figureHTML(f)
			if err != nil {
				return 0, err
			}
			gonbui.UpdateHTML(figureID, s)
			return len(s), notebookError()
		}
		l.ask = func() error {
			address := "/live/" + gonbui.UniqueId()
			s, err := controlsHTML(controls, address)
			if err != nil {
				return err
			}
			comms.Subscribe(address, func(_ string, text string) { l.receive(text) })
			gonbui.UpdateHTML(controlsID, s)
			return notebookError()
		}
	}
	if os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV) == "" {
		l.ask = nil // executed by nbconvert
	}
	return l.run(ctx, values)
}

func (c Control) last() int {
	if c.Options != nil {
		return len(c.Options) - 1
	}
	return c.Max
}

const (
	untouched = 20 * time.Second // a reader who ran all cells may not want to use this one
	idle      = 10 * time.Minute
	// GoNB gives a browser 3 s to connect. Asking again gives a busy page more time.
	answering = 5 * time.Second
	askings   = 3
	// Jupyter drops what a kernel sends above 1 MB per second.
	bytesPerSecond = 700_000
)

//go:embed controls.html
var controlsSource string

var controlsTemplate = template.Must(template.New("controls").Parse(controlsSource))

func controlsHTML(controls []Control, address string) (string, error) {
	var s strings.Builder
	err := controlsTemplate.Execute(&s, struct {
		ID, Address, Idle string
		Controls          []Control
	}{"controls-" + gonbui.UniqueId(), address, fmt.Sprintf("%.0f s at first, or for %.0f minutes after a move", untouched.Seconds(), idle.Minutes()), controls})
	return s.String(), err
}

// live is a figure below its controls.
type live struct {
	controls []Control
	draw     Draw
	show     func(*figure.Figure) (bytes int, err error)
	ask      func() error // shows the controls, which then send moves; nil: there are no controls

	mu     sync.Mutex
	newest int       // number of the newest move
	moves  chan move // the newest move that is not drawn yet
}

// move is one action of the reader.
type move struct {
	number int // from 1; the first one only says that the controls are there
	done   bool
	values []int
}

// run draws the figure of the first values, and then that of every move.
func (l *live) run(ctx context.Context, values []int) error {
	if _, err := l.redraw(values); err != nil || l.ask == nil {
		return err
	}
	if err := l.ask(); err != nil {
		return err
	}
	patience, asked := answering, 1
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(patience):
			if patience != answering || asked == askings {
				return nil
			}
			asked++
			if err := l.ask(); err != nil {
				return err
			}
		case m := <-l.moves:
			if m.done {
				return nil
			}
			if m.number == 1 {
				patience = untouched
				continue
			}
			patience = idle
			bytes, err := l.redraw(m.values)
			if ctx.Err() != nil {
				return nil // an error of drawing would only be a result of that
			}
			if err != nil {
				return err
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(bytes) * time.Second / bytesPerSecond):
			}
		}
	}
}

func (l *live) redraw(values []int) (bytes int, err error) {
	f, err := l.draw(values)
	if err != nil {
		return 0, err
	}
	return l.show(f)
}

// receive handles a message from the page, "NUMBER DONE VALUE...". It drops invalid messages and those that are older
// than another.
func (l *live) receive(text string) {
	fields := strings.Fields(text)
	if len(fields) != 2+len(l.controls) {
		return
	}
	numbers := make([]int, len(fields))
	for i, s := range fields {
		n, err := strconv.Atoi(s)
		if err != nil || i >= 2 && (n < 0 || n > l.controls[i-2].last()) {
			return
		}
		numbers[i] = n
	}
	m := move{numbers[0], numbers[1] == 1, numbers[2:]}
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.number <= l.newest {
		return
	}
	l.newest = m.number
	select {
	case <-l.moves: // a move that was never drawn
	default:
	}
	l.moves <- m
}
