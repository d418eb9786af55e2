package experiments

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// saved is what report.json holds of a report; its figures are files beside it.
type saved struct {
	Table   show.Table   `json:"table"`
	More    []show.Table `json:"more,omitempty"`
	Groups  []savedGroup `json:"groups,omitempty"`
	Figures []string     `json:"figures,omitempty"` // names, in order

	Origin string            `json:"origin,omitempty"` // what it was made from, as Lab.origin says
	Files  map[string]string `json:"files,omitempty"`  // SHA-256 of each of the other files
}

type savedGroup struct {
	Title string   `json:"title"`
	Heads []string `json:"heads"`
}

const savedName = "report.json"

// writeSaved writes report.json, which lies beside the files of the given names.
func (r *Report) writeSaved(folder, origin string, files []string) error {
	s := saved{Table: r.Table, More: r.More, Origin: origin, Files: map[string]string{}}
	for _, name := range files {
		sum, err := fileSHA256(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		s.Files[name] = sum
	}
	for _, g := range r.groups {
		s.Groups = append(s.Groups, savedGroup{g.title, heads(g.columns)})
	}
	for _, f := range r.Figures {
		s.Figures = append(s.Figures, f.Name)
	}
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return write(filepath.Join(folder, savedName), string(text)+"\n")
}

func readSaved(folder string) (s saved, err error) {
	text, err := os.ReadFile(filepath.Join(folder, savedName))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", filepath.Join(folder, savedName), err)
	}
	return s, nil
}

// ReadReport reads the report that an experiment left in a folder of tables at a scale. If it left none, the error is
// fs.ErrNotExist.
func ReadReport(tables, scale string, e Experiment) (*Report, error) {
	folder := folderOf(tables, scale, e.Name)
	s, err := readSaved(folder)
	if err != nil {
		return nil, err
	}
	r := &Report{Table: s.Table, More: s.More}
	for _, g := range s.Groups {
		group := group{title: g.Title}
		for _, head := range g.Heads {
			group.columns = append(group.columns, column{head: head})
		}
		r.groups = append(r.groups, group)
	}
	for _, name := range s.Figures {
		picture, err := os.ReadFile(filepath.Join(folder, name+".png"))
		if err != nil {
			return nil, err
		}
		f, err := figure.Read(picture)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, name+".png"), err)
		}
		r.Figures = append(r.Figures, NamedFigure{name, f})
	}
	return r, nil
}
