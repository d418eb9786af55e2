// Package show shows figures, tables, text and progress to the reader: inline in a notebook, otherwise in files and on
// the terminal.
package show

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
)

// Figure shows the picture with its caption in the notebook. Outside a notebook it does nothing.
func Figure(f *figure.Figure) error {
	if !gonbui.IsNotebook {
		return nil
	}
	s, err := figureHTML(f)
	if err != nil {
		return err
	}
	return display(s)
}

// Save writes the picture to a PNG file, completely or not at all.
func Save(f *figure.Figure, path string) error {
	b, err := f.PNG()
	if err != nil {
		return err
	}
	return record.WriteBytes(path, b)
}

// NotDrawn are the words before the reason, in the sentence that takes the place of a figure.
const NotDrawn = "is not drawn, because"

// Markdown shows formatted text. In a notebook it is rendered; outside one it is printed unchanged to standard output.
func Markdown(format string, args ...any) {
	if gonbui.IsNotebook {
		gonbui.DisplayMarkdown(fmt.Sprintf(format, args...))
		return
	}
	fmt.Println(fmt.Sprintf(format, args...))
}

// Flush waits until the notebook has received everything that was shown. A cell calls it before its program ends.
func Flush() error {
	if !gonbui.IsNotebook {
		return nil
	}
	if err := gonbui.Open(); err != nil {
		return fmt.Errorf("show: %w", err)
	}
	gonbui.Sync()
	return notebookError()
}

func display(html string) error {
	gonbui.DisplayHTML(html)
	return notebookError()
}

func notebookError() error {
	if err := gonbui.Error(); err != nil {
		return fmt.Errorf("show: the notebook cannot be reached: %w", err)
	}
	return nil
}

// figureHTML contains the picture itself, so that an exported notebook needs no other file.
func figureHTML(f *figure.Figure) (string, error) {
	if f == nil {
		return "", errors.New("show: no figure")
	}
	b, err := f.PNG()
	if err != nil {
		return "", err
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<figure style="margin:1em 0"><img alt="%s" src="data:image/png;base64,%s" width="%d" style="max-width:100%%;height:auto">`,
		html.EscapeString(f.Alt), base64.StdEncoding.EncodeToString(b), f.Width)
	if f.Caption != "" {
		fmt.Fprintf(&s, `<figcaption style="max-width:50em">%s</figcaption>`, html.EscapeString(f.Caption))
	}
	s.WriteString("</figure>")
	return s.String(), nil
}
