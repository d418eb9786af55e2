package main

import (
	"encoding/json"

	"fashionlatent/experiments"
)

// jsonFlag adds the flag that asks for JSON instead of text.
func (c *call) jsonFlag() *bool {
	return c.Bool("json", false, "print JSON instead of text; cmd/fashionlatent/README.md describes its fields")
}

// printJSON prints a value as indented JSON.
func (c *call) printJSON(v any) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// dataJSON is the output of data -json.
type dataJSON struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Folder   string   `json:"folder"`
	Checksum string   `json:"checksum"` // SHA-256
	Train    int      `json:"train_images"`
	Test     int      `json:"test_images"`
	Side     int      `json:"side"` // pixels
	Classes  []string `json:"classes"`
	Written  string   `json:"written,omitempty"` // the folder of -out
}

// backendJSON is the output of backend -json.
type backendJSON struct {
	Kind    string `json:"kind"`
	Plugin  string `json:"plugin"`
	Version string `json:"plugin_version"`
	Reason  string `json:"reason"`
}

// experimentJSON is an element of the output of experiment -json without a name.
type experimentJSON struct {
	Name     string `json:"name"`
	Question string `json:"question"`
	Main     bool   `json:"main"`
}

func experimentsJSON() (all []experimentJSON) {
	for _, e := range experiments.All {
		all = append(all, experimentJSON{e.Name, e.Question, e.Main()})
	}
	return all
}

// reportJSON is an element of the output of experiment NAME -json.
type reportJSON struct {
	Folder string          `json:"folder"`
	Report json.RawMessage `json:"report"` // as in report.json
}

// verifiedJSON is an element of the output of verify -json.
type verifiedJSON struct {
	Experiment  string   `json:"experiment"`
	Scores      int      `json:"scores"`
	Differences []string `json:"differences"`
	Rerun       bool     `json:"rerun,omitempty"` // it is about a run that was trained again
}
