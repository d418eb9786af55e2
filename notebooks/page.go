package notebooks

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"fashionlatent/lib/record"
)

var (
	//go:embed page/style.css
	style string
	//go:embed page/page.html
	pageSource string
	//go:embed page/index.html
	indexSource string

	pageTemplate  = template.Must(template.New("page").Parse(pageSource))
	indexTemplate = template.Must(template.New("index").Parse(indexSource))
)

var (
	// external finds what a browser would fetch by itself from elsewhere.
	external = regexp.MustCompile(`(?i)<(?:script|img|link|iframe|source|video|audio)\b[^>]*?\b(?:src|href)\s*=\s*["']?((?:https?:)?//[^"'\s>]*)`)
	// sibling finds links from one notebook to another.
	sibling = regexp.MustCompile(`(href="[^":/?#]+)\.ipynb(["#])`)
	keyMeta = regexp.MustCompile(`<meta name="fashionlatent-key" content="([0-9a-f]{64})">`)
)

// pageLink is a link to another page.
type pageLink struct{ Title, Page string }

// renderPage gives the whole page of books[i] from its HTML.
func renderPage(books []book, i int, key string, body []byte) ([]byte, error) {
	neighbour := func(i int) *pageLink {
		if i < 0 || i >= len(books) {
			return nil
		}
		return &pageLink{books[i].title, books[i].page()}
	}
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, struct {
		Title, Summary, Key string
		Style               template.CSS
		Body                template.HTML
		Before, After       *pageLink
	}{
		books[i].title, books[i].summary, key, template.CSS(style),
		template.HTML(sibling.ReplaceAll(body, []byte("$1.html$2"))), // by nbconvert
		neighbour(i - 1), neighbour(i + 1),
	})
	return page.Bytes(), err
}

// pageKey gives the key of a page made before, "" if there is none.
func pageKey(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return ""
	}
	if m := keyMeta.FindSubmatch(head); m != nil {
		return string(m[1])
	}
	return ""
}

// Index is the page that leads to the notebooks' pages.
type Index struct {
	Title     string
	Lead      string // a paragraph under the title
	Notebooks []Result
	Pages     []Link  // other pages, shown under the list
	Tables    []Table // shown under the pages
}

// Link is a page in the folder of the pages.
type Link struct {
	Title, Summary, Page string
}

// Table is a table of text, as package show has it; the first column names the row.
type Table struct {
	Title  string
	Header []string
	Rows   [][]string
	Note   string
}

// WriteIndex writes index.html in the folder of the pages.
func WriteIndex(folder string, index Index) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return record.WriteFile(filepath.Join(folder, "index.html"), func(w io.Writer) error {
		return renderIndex(w, index)
	})
}

func renderIndex(w io.Writer, index Index) error {
	return indexTemplate.Execute(w, struct {
		Index
		Style template.CSS
	}{index, template.CSS(style)})
}
