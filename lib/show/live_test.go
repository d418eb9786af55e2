package show

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fashionlatent/lib/figure"
)

var someControls = []Control{{Label: "model", Options: []string{"A", "B <1>"}, Value: 1}, {Label: "x", Max: 10, Value: 5}}

// Without a browser the figure of the first values is drawn once, and nothing is waited for.
func TestLiveWithoutBrowser(t *testing.T) {
	var drawn [][]int
	err := Live(context.Background(), someControls, func(values []int) (*figure.Figure, error) {
		drawn = append(drawn, slices.Clone(values))
		return small(), nil
	})
	if err != nil || fmt.Sprint(drawn) != "[[1 5]]" {
		t.Errorf("drawn for %v, error %v, want once for [1 5]", drawn, err)
	}
	planted := errors.New("planted")
	if err := Live(context.Background(), someControls, func([]int) (*figure.Figure, error) { return nil, planted }); !errors.Is(err, planted) {
		t.Errorf("error %v, want the one of drawing", err)
	}
	for _, c := range []Control{{Label: "x", Max: 3, Value: 4}, {Label: "m", Options: []string{"a"}, Value: 1}, {Label: "x", Max: 3, Value: -1}} {
		if err := Live(context.Background(), []Control{c}, nil); err == nil || !strings.Contains(err.Error(), c.Label) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

// A reader's moves, when they come, what is drawn for them before the figure ends, and when it ends.
func TestLiveMoves(t *testing.T) {
	type at struct {
		after time.Duration // after the move before
		text  string
	}
	const drawing = 100 * time.Millisecond
	for _, test := range []struct {
		name  string
		moves []at
		drawn string
		ends  time.Duration
	}{
		{"no browser answers", nil, "[[1 5]]", askings * answering},
		{"asked again", []at{{answering + time.Second, "1 0 1 5"}, {time.Second, "2 0 0 7"}, {time.Second, "3 1 0 7"}}, "[[1 5] [0 7]]", answering + 3*time.Second},
		{"nothing is touched", []at{{time.Second, "1 0 1 5"}}, "[[1 5]]", time.Second + untouched},
		{"moved, then left alone", []at{{0, "1 0 1 5"}, {time.Second, "2 0 0 7"}}, "[[1 5] [0 7]]", time.Second + 2*drawing + idle},
		{"done", []at{{0, "1 0 1 5"}, {time.Second, "2 0 0 7"}, {time.Second, "3 1 0 7"}}, "[[1 5] [0 7]]", 2 * time.Second},
		{"fast: only the last", []at{{0, "1 0 1 5"}, {time.Second, "2 0 0 1"}, {time.Millisecond, "3 0 0 2"}, {time.Millisecond, "4 0 0 3"}, {time.Second, "5 1 0 3"}},
			"[[1 5] [0 1] [0 3]]", 2*time.Second + 2*time.Millisecond},
		{"overtaken", []at{{0, "1 0 1 5"}, {time.Second, "3 0 0 2"}, {time.Second, "2 0 0 1"}, {time.Second, "4 1 0 1"}}, "[[1 5] [0 2]]", 3 * time.Second},
		{"nonsense", []at{{0, "1 0 1 5"}, {time.Second, "2 0 0"}, {0, "x 0 0 0"}, {0, "2 0 2 0"}, {0, "2 0 0 11"}, {0, "2 0 0 -1"}, {time.Second, "6 1 0 1"}}, "[[1 5]]", 2 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var drawn [][]int
				l := &live{controls: someControls, moves: make(chan move, 1),
					draw: func(values []int) (*figure.Figure, error) {
						drawn = append(drawn, slices.Clone(values))
						return small(), nil
					},
					show: func(*figure.Figure) (int, error) { return int(drawing.Seconds() * 2 * bytesPerSecond), nil },
				}
				asked := 0
				l.ask = func() error {
					if asked++; asked > 1 {
						return nil
					}
					go func() {
						for _, m := range test.moves {
							time.Sleep(m.after)
							l.receive(m.text)
						}
					}()
					return nil
				}
				began := time.Now()
				if err := l.run(context.Background(), []int{1, 5}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); fmt.Sprint(drawn) != test.drawn || took != test.ends {
					t.Errorf("drawn for %v in %v, want %s in %v", drawn, took, test.drawn, test.ends)
				}
			})
		})
	}
}

// An interruption ends the figure without an error, also in the middle of drawing.
func TestLiveInterrupted(t *testing.T) {
	for _, during := range []string{"waiting", "drawing"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(context.Background())
			l := &live{controls: someControls, moves: make(chan move, 1), show: func(*figure.Figure) (int, error) { return 1, nil }}
			l.draw = func(values []int) (*figure.Figure, error) {
				if values[1] == 6 {
					interrupt()
				}
				return small(), ctx.Err()
			}
			l.ask = func() error {
				l.receive("1 0 1 5")
				time.AfterFunc(time.Second, func() {
					if during == "waiting" {
						interrupt()
					} else {
						l.receive("2 0 1 6")
					}
				})
				return nil
			}
			if err := l.run(ctx, []int{1, 5}); err != nil || ctx.Err() == nil {
				t.Errorf("interrupted while %s: error %v", during, err)
			}
		})
	}
}

func TestControlsHTML(t *testing.T) {
	s, err := controlsHTML(someControls, "/live/a'b")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<option value="1" selected>B &lt;1&gt;</option>`, `<input type="range" data-lm-suppress-shortcuts min="0" max="10" value="5"`, `<label>x `, `comm.send("/live/a'b"`} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
}
