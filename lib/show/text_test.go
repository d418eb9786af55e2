package show

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

var wide = Table{
	Title:  "A title that is longer than a narrow terminal",
	Header: []string{"claim about the VAE", "verdict", "d = 2: AE", "VAE", "d = 16: AE"},
	Rows: [][]string{
		{"samples from the prior look like the data", "holds at d = 16; not decided at d = 2", ".348 ± .032", ".376 ± .008", ".122 ± .012"},
		{"a-word-that-is-longer-than-any-line-of-a-narrow-terminal", "–", "", "1", "2"},
	},
	Note: "Mean and standard deviation over five seeds.",
}

// No line is longer than the terminal, and every cell is there, at every width.
func TestTextFits(t *testing.T) {
	letters := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r == ' ' || r == '\n' || r == '-' {
				return -1
			}
			return r
		}, text)
	}
	for width := 20; width < 200; width++ {
		text := wide.Text(width)
		for _, line := range strings.Split(text, "\n") {
			if n := utf8.RuneCountInString(line); n > width {
				t.Fatalf("at a width of %d, a line has %d characters: %s", width, n, line)
			}
		}
		for _, row := range append(wide.Rows, wide.Header) {
			for _, c := range row {
				for _, word := range strings.Fields(c) {
					if !strings.Contains(letters(text), letters(word)) && utf8.RuneCountInString(word) < width/2 {
						t.Fatalf("at a width of %d there is no %q:\n%s", width, word, text)
					}
				}
			}
		}
	}
	if got := wide.Text(200); strings.Contains(got, "\n\n\n") || strings.Count(got, "\n") != 8 {
		t.Errorf("a wide terminal gets\n%s", got)
	}
}

// A divided table repeats its labels.
func TestTextRepeatsLabels(t *testing.T) {
	two := Table{Header: []string{"model", "d", "accuracy", "coverage"}, Rows: [][]string{{"AE", "2", ".5", ".4"}, {"AE", "16", ".6", ".7"}}, Labels: 2}
	const want = "model   d  accuracy\n-----  --  --------\nAE      2        .5\nAE     16        .6\n\nmodel   d  coverage\n-----  --  --------\nAE      2        .4\nAE     16        .7\n"
	if got := two.Text(25); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func ExampleTable_Text() {
	fmt.Print(wide.Text(48))
	// Output:
	// A title that is longer than a narrow terminal
	//
	// claim about the VAE    verdict         d = 2: AE
	// ---------------------  ------------  -----------
	// samples from the       holds at d =  .348 ± .032
	// prior look like the    16; not
	// data                   decided at d
	//                        = 2
	// a-word-that-is-longer  –
	// -than-any-line-of-a-n
	// arrow-terminal
	//
	// claim about the VAE             VAE   d = 16: AE
	// ----------------------  -----------  -----------
	// samples from the prior  .376 ± .008  .122 ± .012
	// look like the data
	// a-word-that-is-longer-            1            2
	// than-any-line-of-a-nar
	// row-terminal
	//
	// Mean and standard deviation over five seeds.
}

// Wide characters take two columns, and marks over others none.
func TestTextOfWideCharacters(t *testing.T) {
	table := Table{Header: []string{"衬衫", "class"}, Rows: [][]string{{"外套外套", "n\u0303a"}, {"a", "é"}}}
	const want = "衬衫      class\n--------  -----\n外套外套  n\u0303a\na         é\n"
	if got := table.Text(80); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for width, want := range map[int]string{1: "外\n套\na", 2: "外\n套\na", 5: "外套\na", 6: "外套 a"} {
		if got := Wrap("外套 a", width); got != want {
			t.Errorf("wrapped at %d: got %q, want %q", width, got, want)
		}
	}
	var terminal strings.Builder
	terminalLine(&terminal, 8)("without 外套外套", false)
	if got := terminal.String(); got != "\rwithou…\x1b[K" {
		t.Errorf("the terminal gets %q", got)
	}
	terminal.Reset()
	terminalLine(&terminal, 8)("外套外套", false)
	if got := terminal.String(); got != "\r外套外…\x1b[K" {
		t.Errorf("the terminal gets %q", got)
	}
}
