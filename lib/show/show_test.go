package show

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fashionlatent/lib/figure"
)

func small() *figure.Figure {
	return &figure.Figure{Image: image.NewGray(image.Rect(0, 0, 8, 4)), Alt: `a "quoted" <alt> & more`, Caption: "1 < 2 & so on", Width: 4}
}

func TestFigureHTML(t *testing.T) {
	s, err := figureHTML(small())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`alt="a &#34;quoted&#34; &lt;alt&gt; &amp; more"`,
		`src="data:image/png;base64,iVBORw0KGgo`,
		`width="4"`,
		`<figcaption style="max-width:50em">1 &lt; 2 &amp; so on</figcaption></figure>`,
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
	if _, err := figureHTML(nil); err == nil {
		t.Error("no error without a figure")
	}
	if _, err := figureHTML(&figure.Figure{}); err == nil {
		t.Error("no error without an image")
	}
}

func TestOutsideNotebookNothingIsShown(t *testing.T) {
	for _, err := range []error{Figure(small()), Display(Table{}), Flush()} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.png")
	if err := Save(small(), path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil || m.Bounds().Dx() != 8 {
		t.Errorf("read back %v, %v", m, err)
	}
	if Save(&figure.Figure{}, path) == nil {
		t.Error("no error without an image")
	}
}

func TestTableForms(t *testing.T) {
	table := Table{Header: []string{"a|b", "n", "mixed"}, Rows: [][]string{{`x|y\z`, "−1.5 ± 0.2", "1"}, {"line\nbreak, \"quoted\"", "—"}, {"$<*", "12 %", "k"}}}
	t.Run("markdown", func(t *testing.T) {
		want := "| a\\|b | n | mixed |\n| --- | ---: | --- |\n| x\\|y\\\\z | −1.5 ± 0.2 | 1 |\n| line<br>break, \"quoted\" | — |  |\n| \\$&lt;\\* | 12 % | k |\n"
		if got := table.Markdown(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("html", func(t *testing.T) {
		got := table.html()
		for _, want := range []string{`<td style="text-align:right;white-space:nowrap">12 %</td>`, `<th scope="row" style="text-align:left;white-space:nowrap;font-weight:normal">$&lt;*</th>`, "line<br>break, &#34;quoted&#34;", `<th scope="col" style="text-align:right;white-space:nowrap">n</th>`} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in %s", want, got)
			}
		}
	})
	t.Run("empty", func(t *testing.T) {
		for _, s := range []string{Table{}.Markdown(), Table{}.Text(0), Table{}.html()} {
			if s == "" {
				t.Error("nothing")
			}
		}
	})
}

func TestNumericColumns(t *testing.T) {
	for c, want := range map[string]bool{"0.5": true, ".52": true, "−3": true, "-3": true, "<0.001": true, "2.0 ± 0.1": true, "": false, "—": false, "k-means": false, "- item": false} {
		if got := (Table{Rows: [][]string{{c}}}).Numeric(0); got != want {
			t.Errorf("%q: %v", c, got)
		}
	}
}

// clock is a time that the test advances.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func testProgress(total int, every time.Duration) (*Progress, *clock, *[]string) {
	c := &clock{at: time.Unix(1000, 0)}
	var lines []string
	p := &Progress{label: "train", total: total, unit: "steps", now: c.now, start: c.at, every: every, write: func(s string, _ bool) { lines = append(lines, s) }}
	return p, c, &lines
}

// A message on a terminal takes the place of the line of progress, which follows below it.
func TestProgressSays(t *testing.T) {
	p, _, lines := testProgress(10, time.Second)
	p.tick = time.Hour
	p.say = func(text string) { *lines = append(*lines, text) }
	p.Say("before the first line")
	p.Update(3, "")
	p.Say("a run continues")
	p.Done("finished")
	p.Say("after the last line")
	want := []string{"before the first line", "train · 3/10 steps", "a run continues", "train · 3/10 steps", "train · finished · in 0 s", "after the last line"}
	if !slices.Equal(*lines, want) {
		t.Errorf("got %q, want %q", *lines, want)
	}
}

func TestProgressLines(t *testing.T) {
	p, c, lines := testProgress(100, 10*time.Second)
	for i := range 31 { // one step each second
		p.Update(i, "loss 240")
		c.at = c.at.Add(time.Second)
	}
	p.Done("finished")
	p.Done("again")
	p.Update(40, "late")
	want := []string{
		"train · 0/100 steps · loss 240",
		"train · 10/100 steps · 1 min 30 s left · loss 240",
		"train · 20/100 steps · 1 min 20 s left · loss 240",
		"train · 30/100 steps · 1 min 10 s left · loss 240",
		"train · finished · in 31 s",
	}
	if got := strings.Join(*lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestTimeLeftFollowsRecentPace(t *testing.T) {
	p, c, lines := testProgress(1000, 0)
	step := func(n int, each time.Duration) {
		for range n {
			c.at = c.at.Add(each)
			done := 1
			if k := len(p.samples); k > 0 {
				done = p.samples[k-1].done + 1
			}
			p.Update(done, "")
		}
	}
	step(100, time.Minute)
	step(50, time.Second) // 850 steps are left, one second each
	if got, want := (*lines)[149], "train · 150/1000 steps · 14 min 10 s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Update(0, "anew")
	if got := (*lines)[150]; got != "train · 0/1000 steps · anew" {
		t.Errorf("got %q after beginning anew", got)
	}
	unknown, _, lines := testProgress(0, 0)
	unknown.Update(3, "two\nlines")
	if got := (*lines)[0]; got != "train · 3 steps · two lines" {
		t.Errorf("got %q without a total", got)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", 59 * time.Second: "59 s", 125 * time.Second: "2 min 05 s", 59*time.Minute + 59900*time.Millisecond: "1 h 00 min", 62 * time.Minute: "1 h 02 min"} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestTerminalLine(t *testing.T) {
	var s strings.Builder
	write := terminalLine(&s, 20)
	write("short", false)
	write("a line longer than the terminal", false)
	write("a last line that is longer too", true)
	want := "\rshort\x1b[K\ra line longer than…\x1b[K\ra last line that is longer too\x1b[K\n"
	if s.String() != want {
		t.Errorf("got %q, want %q", s.String(), want)
	}
	if got := Width(&s); got != 80 {
		t.Errorf("where there is no terminal, the width is %d, want 80", got)
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	var s strings.Builder
	p := NewProgress(&s, "work", 800, "steps")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				p.Update(g*100+i, "")
			}
		})
	}
	wg.Wait()
	p.Done("done")
	lines := strings.Split(strings.TrimSpace(s.String()), "\n")
	if first, last := lines[0], lines[len(lines)-1]; !strings.HasPrefix(first, "work · ") || !strings.HasPrefix(last, "work · done · in ") {
		t.Errorf("first %q, last %q", first, last)
	}
}

func ExampleTable() {
	t := Table{
		Title:  "Clustering by k-means",
		Header: []string{"model", "d", "ACC"},
		Rows:   [][]string{{"AE", "2", "0.51 ± 0.03"}, {"VAE", "16", "0.58 ± 0.01"}},
		Note:   "Mean and standard deviation of 5 seeds, test split.",
	}
	fmt.Print(t.Text(0))
	fmt.Println()
	fmt.Print(t.Markdown())
	// Output:
	// Clustering by k-means
	//
	// model   d          ACC
	// -----  --  -----------
	// AE      2  0.51 ± 0.03
	// VAE    16  0.58 ± 0.01
	//
	// Mean and standard deviation of 5 seeds, test split.
	//
	// **Clustering by k-means**
	//
	// | model | d | ACC |
	// | --- | ---: | ---: |
	// | AE | 2 | 0.51 ± 0.03 |
	// | VAE | 16 | 0.58 ± 0.01 |
	//
	// Mean and standard deviation of 5 seeds, test split.
}

func ExampleMarkdown() {
	Markdown("The code has **%d** values.", 2)
	// Output: The code has **2** values.
}

// A line changes while nothing is reported, until the end. Of two, only that of the newer work does.
func TestProgressTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := func(label string) (p *Progress, lines *[]string) {
			lines = new([]string)
			p = &Progress{label: label, total: 2, unit: "steps", now: time.Now, start: time.Now(), tick: time.Second}
			p.write = func(line string, _ bool) { *lines = append(*lines, line) }
			p.Update(1, "text")
			return p, lines
		}
		wait := func() {
			time.Sleep(2*time.Second + time.Millisecond)
			synctest.Wait()
		}
		outer, outerLines := start("outer")
		wait()
		if n := len(*outerLines); n != 3 || (*outerLines)[n-1] != "outer · 1/2 steps · for 2 s · text" {
			t.Errorf("got %q", *outerLines)
		}
		inner, innerLines := start("inner")
		wait()
		if len(*innerLines) != 3 || len(*outerLines) != 3 {
			t.Errorf("the inner line was written %d times, and the outer one %d times in all", len(*innerLines), len(*outerLines))
		}
		inner.Done("ready")
		wait()
		if len(*outerLines) != 5 {
			t.Errorf("the outer line was written %d times in all", len(*outerLines))
		}
		outer.Done("ready")
		if n := len(*outerLines); (*outerLines)[n-1] != "outer · ready · in 6 s" {
			t.Errorf("it ends with %q", (*outerLines)[n-1])
		}
		if len(shownNow.all) != 0 {
			t.Errorf("%d lines are still shown", len(shownNow.all))
		}
	})
}
