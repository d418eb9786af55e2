package notebook

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"

	"golang.org/x/image/draw"
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
	// external finds addresses elsewhere that a browser would load by itself.
	external = regexp.MustCompile(`(?i)<(?:script|img|link|iframe|source|video|audio)\b[^>]*?\b(?:src|href)\s*=\s*["']?((?:https?:)?//[^"'\s>]*)`)
	// sibling finds links from one notebook to another.
	sibling = regexp.MustCompile(`href="([^":/?#]+)\.ipynb(["#])`)
	// scrolling finds the beginning of what is scrolled where it is wider than the page. The keyboard must reach it. Tables of package show
	// have a class: it is the output around them that is scrolled.
	scrolling = regexp.MustCompile(`<(pre|table|div class="output_(?:html|markdown)[^"]*")>`)
	keyMeta   = regexp.MustCompile(`<meta name="fashionlatent-key" content="([0-9a-f]{64})">`)
)

// pageLink is a link to another page.
type pageLink struct{ Title, Page string }

// renderPage returns the complete page of books[i] from its HTML, with the notice at the top if there is one.
func renderPage(books []book, i int, key, notice string, body []byte) ([]byte, error) {
	neighbour := func(i int) *pageLink {
		if i < 0 || i >= len(books) {
			return nil
		}
		return &pageLink{books[i].title, books[i].page()}
	}
	link := func(found []byte) []byte {
		m := sibling.FindSubmatch(found)
		if !slices.ContainsFunc(books, func(b book) bool { return b.name == string(m[1]) }) {
			if string(m[2]) == "#" { // its sections are not in the index
				return []byte(`href="index.html#`)
			}
			return []byte(`href="index.html#notebooks"`) // that notebook is not among these pages
		}
		return fmt.Appendf(nil, `href="%s.html%s`, m[1], m[2])
	}
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, struct {
		Title, Summary, Key, Notice string
		Style                       template.CSS
		Body                        template.HTML
		Before, After               *pageLink
	}{
		books[i].title, books[i].summary, key, notice, template.CSS(style),
		template.HTML(scrolling.ReplaceAll(sibling.ReplaceAllFunc(body, link), []byte(`<$1 tabindex="0">`))), // by nbconvert
		neighbour(i - 1), neighbour(i + 1),
	})
	return page.Bytes(), err
}

// PageKey returns the key of an existing page, which says what the page was made from; "" if there is none.
func PageKey(path string) string {
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

// Index is the page that leads through the study.
type Index struct {
	Title     string
	Lead      string       // a paragraph below the title
	Answer    []string     // the main result, in sentences
	Picture   *Picture     // one of the chapters', which shows the main result; nil: none
	Open      *Open        // the page that is opened first; nil: none
	Commands  string       // that make the page; "": none are shown
	Coming    string       // a sentence about what is still missing on the page; "": it is complete
	Tables    []show.Table // the main results, shown first
	Notebooks []Result
	Absent    string // a sentence about notebooks that have no page; "": none
	Pages     []Link // other pages, shown below the notebooks
	Chapters  []Chapter
	Made      string // a sentence at the end that says what made the page; "": none
}

// Chapter is a question and its results: tables, and small pictures that link to large ones.
type Chapter struct {
	Name     string // start of the names of its pictures' files
	Short    string // its name in the list of contents; "": Name
	Question string
	Quote    string // a quotation below the question
	Text     string // a paragraph below the question
	Open     bool   // the tables can be seen at once; false: they are collapsed at first
	Tables   []show.Table
	Note     string
	Pictures []Picture
}

// Picture is a figure of a chapter.
type Picture struct {
	Name    string
	Figure  *figure.Figure
	Chapter string // start of its file's name; "": the chapter's name

	small *thumbnail // set when the picture has been written
}

// Link is a link to a page in the folder of the pages.
type Link struct {
	Title, Summary, Page string
}

// Open is a link to a page, with a picture of it.
type Open struct {
	Link
	Shot     []byte // a picture of the page, a JPEG; nil: none
	ShotText string // what it shows
}

// Source is the address of the picture, which contains it; "": none.
func (o Open) Source() template.URL {
	if o.Shot == nil {
		return ""
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(o.Shot))
}

// WriteIndex writes index.html to the folder of the pages, and the chapters' pictures to its subfolder figures. If it
// is called again with the same pictures, or copies of them, it does not write them again.
func WriteIndex(folder string, index Index) error { return WritePage(folder, "index.html", index) }

// WritePage is WriteIndex for a page of another name.
func WritePage(folder, name string, index Index) error {
	for i := range index.Chapters {
		if err := index.Chapters[i].write(folder); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := renderIndex(&page, index); err != nil {
		return err
	}
	if problems := faults(page.Bytes()); len(problems) > 0 {
		return fmt.Errorf("%s: %v", name, problems[0])
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return record.WriteBytes(filepath.Join(folder, name), page.Bytes())
}

// write writes the chapter's pictures and makes their small versions, each only once.
func (c *Chapter) write(folder string) error {
	for i, p := range c.Pictures {
		if p.small != nil {
			continue
		}
		path := filepath.Join(folder, filepath.FromSlash(c.file(p)))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		content, err := p.Figure.PNG()
		if err != nil {
			return err
		}
		if err := record.WriteBytes(path, content); err != nil {
			return err
		}
		if c.Pictures[i].small, err = c.thumbnail(p); err != nil {
			return err
		}
	}
	return nil
}

func (c Chapter) file(p Picture) string {
	return "figures/" + cmp.Or(p.Chapter, c.Name) + "-" + p.Name + ".png"
}

// thumbnail is a small picture in the page, and the picture that it links to.
type thumbnail struct {
	File, Alt, Caption string
	Width, Height      int
	Source             template.URL
}

const thumbnailWidth = 256 // in CSS pixels; it has at most twice as many pixels

// Thumbnails are small versions of the chapter's pictures.
func (c Chapter) Thumbnails() (all []*thumbnail, err error) {
	for _, p := range c.Pictures {
		small := p.small
		if small == nil {
			if small, err = c.thumbnail(p); err != nil {
				return nil, err
			}
		}
		all = append(all, small)
	}
	return all, nil
}

func (c Chapter) thumbnail(p Picture) (*thumbnail, error) {
	size := p.Figure.Image.Bounds().Size()
	large := image.NewRGBA(image.Rectangle{Max: size}) // is scaled much faster than other kinds of images
	draw.Draw(large, large.Bounds(), p.Figure.Image, p.Figure.Image.Bounds().Min, draw.Src)
	w := min(size.X, 2*thumbnailWidth)
	h := max(1, size.Y*w/size.X)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(small, small.Bounds(), large, large.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: 85}); err != nil {
		return nil, err
	}
	return &thumbnail{c.file(p), p.Figure.Alt, p.Figure.Caption, w / 2, h / 2,
		template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))}, nil
}

func renderIndex(w io.Writer, index Index) error {
	var first *thumbnail
	if index.Picture != nil {
		first = index.Picture.small
	}
	return indexTemplate.Execute(w, struct {
		Index
		Style    template.CSS
		First    *thumbnail
		Contents []Link
	}{index, template.CSS(style), first, index.contents()})
}

// contents are links to the parts of the page; nil if there are few.
func (index Index) contents() []Link {
	var all []Link
	for _, part := range []struct {
		there    bool
		id, name string
	}{
		{len(index.Tables) > 0, "found", "what was found"},
		{len(index.Notebooks) > 0, "notebooks", "notebooks"},
		{len(index.Pages) > 0, "pages", "more pages"},
	} {
		if part.there {
			all = append(all, Link{Title: part.name, Page: part.id})
		}
	}
	for _, c := range index.Chapters {
		all = append(all, Link{Title: cmp.Or(c.Short, c.Name), Page: c.Name})
	}
	if len(all) < 4 {
		return nil
	}
	return all
}

// largestPage is the largest size of a page, in bytes.
const largestPage = 3_000_000

var (
	pictureTag = regexp.MustCompile(`(?is)<img\b(?:"[^"]*"|'[^']*'|[^>"'])*>`)
	spoken     = regexp.MustCompile(`(?is)\balt\s*=\s*(?:"\s*[^"\s]|'\s*[^'\s])`)
)

// faults returns what no page may have: content that is loaded from the network, a picture without alternative text, or
// too many bytes.
func faults(page []byte) []Problem {
	var problems []Problem
	if address := external.FindSubmatch(page); address != nil {
		problems = append(problems, Problem{Text: fmt.Sprintf("the page would load %s from the network", address[1])})
	}
	for _, tag := range pictureTag.FindAll(page, -1) {
		if !spoken.Match(tag) {
			problems = append(problems, Problem{Text: fmt.Sprintf("a picture has no alternative text: %.60s", tag)})
		}
	}
	if n := len(page); n > largestPage {
		problems = append(problems, Problem{Text: fmt.Sprintf("the page has %.1f MB, want at most %.1f MB: show fewer or smaller pictures", float64(n)/1e6, largestPage/1e6)})
	}
	return problems
}
