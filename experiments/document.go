package experiments

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// DocumentName is the name of the file of the document's page, beside the index of results.
const DocumentName = "document.md"

// Document maps the document that the study follows to the study's figures, numbers and verdicts.
type Document struct {
	Title string
	Lead  string
	Parts []Part
}

// Part is a table, a figure or a claim of the document, with what the study has for it.
type Part struct {
	Title    string
	Quote    string // the document's own words; "": none
	Text     string
	Tables   []show.Table
	Pictures []DocumentPicture
}

// DocumentPicture is a figure of an experiment's report.
type DocumentPicture struct {
	Experiment, Name string
	Figure           *figure.Figure
}

// NewDocument makes the page from the reports of Fashion-MNIST in a folder of tables at a scale. Everything that no
// report has is named in the text.
func NewDocument(tables, scale string) (*Document, error) {
	made := documentOf{tables: tables, scale: scale, reports: map[string]*report.Report{}, used: map[string]bool{}}
	for _, e := range All {
		r, err := report.Read(lab.FolderOf(tables, scale, e.Name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		made.reports[e.Name] = r
	}
	setting, err := made.setting()
	if err != nil {
		return nil, err
	}
	from := ""
	if made.verdict = made.report(Comparison); setting.Scale.Seeds < 2 { // one seed tests nothing
		published, err := report.Read(filepath.Join(lab.Root(), "results", Comparison))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			made.verdict = published
			from = fmt.Sprintf(" At scale %s there is one seed, which tests nothing. The verdicts are the published ones, with %d seeds.", scale, lab.Full.Seeds)
		}
	}
	d := &Document{Title: "The document and this study", Lead: documentLead}
	glance := show.Table{Title: "The claims at a glance", Header: []string{"claim", "in short", "tested: the VAE's latent space, compared with the AE's", "measured as", "verdict"}}
	var claimed []Part
	for i, c := range documentClaims {
		part, rows := made.claim(i+1, c)
		claimed, glance.Rows = append(claimed, part), append(glance.Rows, rows...)
	}
	d.Parts = append(d.Parts, Part{Title: "The claims", Tables: []show.Table{glance}, Text: "A verdict is that of Welch's t-test over the seeds, corrected for the number of tests (Holm). \"Does not hold\" means that the opposite is significant. Where there is no test, numbers are shown." + from})
	d.Parts = append(d.Parts, classTable(), settingTable(setting))
	for _, f := range documentFigures {
		part := Part{Title: f.title, Quote: f.caption, Text: f.text}
		made.addPictures(&part, f.pictures)
		d.Parts = append(d.Parts, part)
	}
	d.Parts = append(d.Parts, claimed...)
	var missing []string
	for _, e := range All {
		if made.used[e.Name] && made.reports[e.Name] == nil {
			missing = append(missing, e.Name)
		}
	}
	if missing != nil {
		d.Lead += fmt.Sprintf(" Not run at scale %s: %s.", scale, strings.Join(missing, ", "))
	}
	return d, nil
}

// documentOf makes the parts of a Document from reports.
type documentOf struct {
	tables  string // the folder of tables
	scale   string
	reports map[string]*report.Report // by experiment
	used    map[string]bool           // experiments whose reports the page asks for
	verdict *report.Report            // the comparison whose verdicts are shown; nil: none
}

// report is the report of an experiment; nil: it has none.
func (m documentOf) report(experiment string) *report.Report {
	m.used[experiment] = true
	return m.reports[experiment]
}

// setting is the setting of the comparison's report. If that report has none, it is that of the scale, without data.
func (m documentOf) setting() (s lab.Setting, err error) {
	if r := m.report(Comparison); r != nil && r.Setting != nil {
		return s, json.Unmarshal(r.Setting, &s)
	}
	s.Scale, err = lab.ScaleNamed(m.scale)
	s.K = len(documentClasses)
	return s, err
}

// claim makes the part of claim number n, and its rows in the table of all claims.
func (m documentOf) claim(n int, c documentClaim) (Part, [][]string) {
	part := Part{Title: fmt.Sprintf("Claim %d: %s", n, c.words), Quote: c.quote + " (" + c.section + ")", Text: c.text}
	var rows [][]string
	row := func(tested, measured, verdict string) {
		rows = append(rows, []string{fmt.Sprint(n), c.words, tested, measured, verdict})
	}
	if c.images {
		if scores, err := report.ReadScores(lab.FolderOf(m.tables, m.scale, Generation)); err == nil { // scores that cannot be read are a problem of their report
			part.Text += extractorNote(scores)
		}
	}
	var verdicts [][]report.Cell
	for _, name := range c.metrics {
		tested := claims[slices.IndexFunc(claims, func(c report.Claim) bool { return c.Metric == name })]
		verdict := "no report tests it yet"
		if m.verdict != nil {
			if v, found := m.verdict.Verdict(tested); found {
				verdicts, verdict = append(verdicts, v.Row), v.Words
			}
		}
		row(tested.Words, tested.What, verdict)
	}
	if verdicts != nil {
		part.Tables = append(part.Tables, m.verdicts(verdicts).Show())
	}
	if c.metrics == nil {
		row("–", c.measured, "no test: see the numbers")
	}
	for _, e := range c.excerpts {
		r := m.report(e.experiment)
		if r == nil {
			part.Text += fmt.Sprintf(" The experiment %s has not been run: fashionlatent experiment %[1]s -scale %s.", e.experiment, m.scale)
			continue
		}
		if of := e.of(r); of.Rows != nil {
			part.Tables = append(part.Tables, of.Show())
		} else {
			part.Text += fmt.Sprintf(" Not in the report of the experiment %s yet: the table %q.", e.experiment, e.table)
		}
	}
	m.addPictures(&part, c.pictures)
	return part, rows
}

// verdicts is the comparison's table of claims with some of its rows.
func (m documentOf) verdicts(rows [][]report.Cell) report.Table {
	t := m.verdict.Table(report.ClaimsTitle)
	t.Title, t.Rows = "Verdicts (experiment comparison)", rows
	if m.verdict != m.report(Comparison) {
		t.Title = fmt.Sprintf("Verdicts (published comparison, %d seeds)", lab.Full.Seeds)
	}
	return t
}

// addPictures adds figures to a part, named as in "comparison/codes-2". Those that no report has are named in the text.
func (m documentOf) addPictures(part *Part, names []string) {
	var missing []string
	for _, of := range names {
		experiment, name, _ := strings.Cut(of, "/")
		var f *figure.Figure
		if r := m.report(experiment); r != nil {
			f, _ = r.Figure(name) // its error says only that there is no such figure
		}
		if f == nil {
			missing = append(missing, of)
			continue
		}
		part.Pictures = append(part.Pictures, DocumentPicture{experiment, name, f})
	}
	if missing != nil {
		part.Text = strings.TrimSpace(part.Text + " Not in the reports yet: " + strings.Join(missing, ", ") + ".")
	}
}

// excerpt is a part of a table of an experiment.
type excerpt struct {
	experiment string
	table      string // its title; "": the main table
	columns    []string
	column     string   // only rows with one of the texts of keep in this column; "": all rows
	keep       []string // texts of cells, or largest
}

// largest stands for the largest number in the column.
const largest = "largest"

// of is the excerpt from a report; without rows if the table is not there.
func (e excerpt) of(r *report.Report) (kept report.Table) {
	place := slices.IndexFunc(r.Tables, func(t report.Table) bool { return e.table == "" || t.Title == e.table })
	if place < 0 {
		return kept
	}
	t := r.Tables[place]
	at := slices.IndexFunc(t.Columns, func(c report.Column) bool { return c.Name == e.column })
	most := math.Inf(-1) // the largest number of the column
	for _, row := range t.Rows {
		if at >= 0 && row[at].Value != nil {
			most = max(most, *row[at].Value)
		}
	}
	wanted := func(c report.Cell) bool {
		return slices.Contains(e.keep, c.String()) || c.Value != nil && *c.Value == most && slices.Contains(e.keep, largest)
	}
	kept = t
	kept.Rows = nil
	for _, row := range t.Rows {
		if at < 0 || wanted(row[at]) {
			kept.Rows = append(kept.Rows, row)
		}
	}
	kept = kept.Select(e.columns...)
	kept.Title += fmt.Sprintf(" (experiment %s)", e.experiment)
	return kept
}

// Markdown is the page for a repository, in the folder of tables.
func (d *Document) Markdown() string {
	text := fmt.Sprintf("# %s\n\n%s\n", d.Title, show.Escape(d.Lead))
	for _, p := range d.Parts {
		text += fmt.Sprintf("\n## %s\n", show.Escape(p.Title))
		if p.Quote != "" {
			text += "\n> " + show.Escape(p.Quote) + "\n"
		}
		if p.Text != "" {
			text += "\n" + show.Escape(p.Text) + "\n"
		}
		for _, t := range p.Tables {
			text += "\n" + t.Markdown()
		}
		for _, f := range p.Pictures {
			name := f.Experiment + "/" + f.Name
			text += fmt.Sprintf("\n<img src=\"%s.png\" width=\"%d\" alt=\"%s\">\n", name, f.Figure.Width, html.EscapeString(f.Figure.Alt))
			text += fmt.Sprintf("\n[%s](%s/%s): %s\n", name, f.Experiment, report.PageName, show.Escape(f.Figure.Caption))
		}
	}
	return text
}
