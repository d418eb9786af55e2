package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// metadata is the metadata of every notebook. The version of Go is left out, because it differs between machines.
func metadata() map[string]any {
	return map[string]any{
		"kernelspec":    map[string]any{"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
		"language_info": map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"},
	}
}

// Normalise returns a notebook in the form in which it is stored: without outputs and execution counts, without
// metadata except the kernel and the cells' tags, with sources as lists of lines, an id for every cell, and keys in
// Jupyter's order. A notebook in this form is returned unchanged, byte for byte.
func Normalise(content []byte) ([]byte, error) {
	if _, err := decode(content); err != nil {
		return nil, err
	}
	var nb map[string]any
	if err := unmarshal(content, &nb); err != nil {
		return nil, err
	}
	nb["metadata"] = metadata()
	nb["nbformat_minor"] = 5
	seen := map[string]bool{}
	cells, _ := nb["cells"].([]any)
	if cells == nil {
		return nil, errors.New("not a notebook: no cells")
	}
	for i, c := range cells {
		cell, ok := c.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d is not an object", i+1)
		}
		id, _ := cell["id"].(string)
		if id == "" {
			id = fmt.Sprintf("cell-%d", i+1)
		}
		if seen[id] {
			return nil, fmt.Errorf("cell %d has the id %q of a cell before it", i+1, id)
		}
		seen[id] = true
		cell["id"] = id
		kept := map[string]any{}
		if old, _ := cell["metadata"].(map[string]any); old != nil {
			if tags, _ := old["tags"].([]any); len(tags) > 0 {
				kept["tags"] = tags
			}
		}
		cell["metadata"] = kept
		if cell["source"], ok = lines(cell["source"]); !ok {
			return nil, fmt.Errorf("cell %d has no source", i+1)
		}
		if cell["cell_type"] == "code" {
			cell["outputs"] = []any{}
			cell["execution_count"] = nil
		} else {
			delete(cell, "outputs")
			delete(cell, "execution_count")
		}
	}
	return encode(nb)
}

// lines returns a source as the list of its lines, each with its line end.
func lines(source any) ([]string, bool) {
	var whole strings.Builder
	switch s := source.(type) {
	case string:
		whole.WriteString(s)
	case []any:
		for _, line := range s {
			l, ok := line.(string)
			if !ok {
				return nil, false
			}
			whole.WriteString(l)
		}
	default:
		return nil, false
	}
	list := []string{} // never null in JSON
	for line := range strings.Lines(whole.String()) {
		list = append(list, line)
	}
	return list, true
}

// encode writes JSON as Jupyter does.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}
