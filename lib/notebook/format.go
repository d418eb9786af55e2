package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// notebook is the part of Jupyter's format 4 that this package reads.
type notebook struct {
	Format int    `json:"nbformat"`
	Cells  []cell `json:"cells"`
}

type cell struct {
	Type     string `json:"cell_type"`
	Metadata struct {
		Tags []string `json:"tags"`
	} `json:"metadata"`
	Source  text     `json:"source"`
	Outputs []output `json:"outputs"`
}

type output struct {
	Type  string                     `json:"output_type"`
	Name  string                     `json:"name"` // of a stream: stdout or stderr
	Text  text                       `json:"text"`
	Error string                     `json:"ename"`
	Value string                     `json:"evalue"`
	Data  map[string]json.RawMessage `json:"data"` // by MIME type
}

// text is a string that may be stored as a list of lines.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var whole string
	if err := json.Unmarshal(b, &whole); err == nil {
		*t = text(whole)
		return nil
	}
	var lines []string
	if err := json.Unmarshal(b, &lines); err != nil {
		return errors.New("neither a string nor a list of lines")
	}
	*t = text(strings.Join(lines, ""))
	return nil
}

// decode reads a notebook of format 4.
func decode(content []byte) (*notebook, error) {
	var nb notebook
	if err := unmarshal(content, &nb); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if nb.Format != 4 {
		return nil, fmt.Errorf("not a notebook of format 4: nbformat is %d", nb.Format)
	}
	return &nb, nil
}

// unmarshal is json.Unmarshal, except that numbers stay as they are written.
func unmarshal(content []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more after the notebook")
	}
	return nil
}

var (
	heading = regexp.MustCompile(`^#+\s+(.*?)\s*#*$`)
	link    = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	// A sentence ends at a full stop, exclamation mark or question mark that is followed by a capital letter or the
	// end.
	sentence = regexp.MustCompile(`^.*?[.!?](?:\s+\p{Lu}|$)`)
	marks    = strings.NewReplacer("**", "", "*", "", "`", "")
)

// headline returns a notebook's first heading and the first sentence of the paragraph below it, as plain text.
func headline(nb *notebook) (title, summary string) {
	var paragraph []string
	for _, c := range nb.Cells {
		if c.Type != "markdown" {
			continue
		}
		for line := range strings.Lines(string(c.Source)) {
			line = strings.TrimSpace(line)
			h := heading.FindStringSubmatch(line)
			switch {
			case title == "" && h != nil:
				title = plain(h[1])
			case title == "":
			case line == "" && len(paragraph) == 0:
			case line == "" || h != nil:
				return title, firstSentence(paragraph)
			default:
				paragraph = append(paragraph, line)
			}
		}
		if len(paragraph) > 0 {
			break
		}
	}
	return title, firstSentence(paragraph)
}

func firstSentence(lines []string) string {
	s := plain(strings.Join(lines, " "))
	if at := sentence.FindStringIndex(s); at != nil {
		s = s[:at[1]]
		s = s[:strings.LastIndexAny(s, ".!?")+1]
	}
	return s
}

// plain removes Markdown's marks of emphasis, code and links.
func plain(markdown string) string {
	return marks.Replace(link.ReplaceAllString(markdown, "$1"))
}
