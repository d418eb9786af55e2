package notebook

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"

	"fashionlatent/lib/record"
)

// MostLines is the largest number of lines in a code cell.
const MostLines = 15

// Style returns the problems in a notebook's code that [Fix] does not solve: a cell that is too long or is not Go, and
// an import that no cell uses, which GoNB would drop without a message. The first code cell may import more, for the cells
// that readers write.
func Style(content []byte) []Problem {
	nb, err := decode(content)
	if err != nil {
		return []Problem{{Text: err.Error()}}
	}
	type imported struct {
		cell       int
		path, name string
	}
	var problems []Problem
	var imports []imported
	used := map[string]bool{}
	code := 0
	for _, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		code++
		if n := strings.Count(strings.TrimRight(string(c.Source), "\n"), "\n") + 1; n > MostLines {
			problems = append(problems, Problem{code, fmt.Sprintf("%d lines, want %d or fewer: move some into the library", n, MostLines)})
		}
		_, source := splitCell(string(c.Source))
		if _, err := format.Source([]byte(source)); err != nil {
			problems = append(problems, Problem{code, "is no Go: " + message(err)})
			continue
		}
		selected, found := names(source)
		for _, name := range selected {
			used[name] = true
		}
		for _, i := range found {
			imports = append(imports, imported{code, i[0], i[1]})
		}
	}
	for _, i := range imports {
		if i.cell > 1 && i.name != "_" && i.name != "." && !used[i.name] {
			problems = append(problems, Problem{i.cell, fmt.Sprintf("imports %q, which no cell uses", i.path)})
		}
	}
	return problems
}

// splitCell separates the lines before a cell's Go code, which are commands of GoNB (%...) or of a shell (!...), from
// the code. A cell that belongs to another program as a whole (%%bash, %%writefile) has no Go code.
func splitCell(source string) (commands, code string) {
	if program.MatchString(source) {
		return source, ""
	}
	for line := range strings.Lines(source) {
		if s := strings.TrimSpace(line); s != "" && s[0] != '%' && s[0] != '!' {
			break
		}
		commands += line
	}
	return commands, source[len(commands):]
}

var program = regexp.MustCompile(`^\s*%%[a-z]`)

// message is the first message of an error of the parser, without its position, which would not be that in the cell.
func message(err error) string {
	var all scanner.ErrorList
	if errors.As(err, &all) && len(all) > 0 {
		return all[0].Msg
	}
	return err.Error()
}

// names returns the identifiers before a dot in Go source, and the path and name of each import.
func names(source string) (selected []string, imports [][2]string) {
	set := token.NewFileSet()
	var s scanner.Scanner
	s.Init(set.AddFile("", -1, len(source)), []byte(source), nil, 0)
	importing, depth, alias, before := false, 0, "", ""
	for {
		_, t, literal := s.Scan()
		switch {
		case t == token.EOF:
			return selected, imports
		case t == token.IMPORT:
			importing, alias = true, ""
		case importing && t == token.STRING:
			where, err := strconv.Unquote(literal)
			if err == nil {
				imports = append(imports, [2]string{where, cmp.Or(alias, packageName(where))})
			}
			alias = ""
		case importing && (t == token.IDENT || t == token.PERIOD):
			alias = cmp.Or(literal, ".")
		case importing && t == token.LPAREN:
			depth++
		case importing && t == token.RPAREN:
			depth--
		case t == token.PERIOD && before != "":
			selected = append(selected, before)
		}
		if importing && t == token.SEMICOLON && depth == 0 {
			importing = false
		}
		if before = ""; t == token.IDENT {
			before = literal
		}
	}
}

var version = regexp.MustCompile(`^v\d+$`)

// packageName is the most likely name of the package with this path.
func packageName(where string) string {
	if last := path.Base(where); !version.MatchString(last) {
		return last
	}
	return path.Base(path.Dir(where))
}

// Fix returns a notebook in normal form, with its Go code formatted as by gofmt. Code that is not Go is left unchanged;
// see [Style].
func Fix(content []byte) ([]byte, error) {
	normal, err := Normalise(content)
	if err != nil {
		return nil, err
	}
	var nb map[string]any
	if err := unmarshal(normal, &nb); err != nil {
		return nil, err
	}
	for _, c := range nb["cells"].([]any) {
		cell := c.(map[string]any)
		if cell["cell_type"] != "code" {
			continue
		}
		var whole strings.Builder
		for _, line := range cell["source"].([]any) {
			whole.WriteString(line.(string))
		}
		commands, code := splitCell(whole.String())
		if formatted, err := format.Source([]byte(code)); err == nil {
			cell["source"], _ = lines(commands + strings.TrimRight(string(formatted), "\n"))
		}
	}
	return encode(nb)
}

// FixAll applies [Fix] to the named notebooks of a folder, or to all of them if none is named. It writes those that
// change, completely or not at all. The problems in a result must be solved by hand.
func FixAll(folder string, names ...string) ([]Result, error) {
	books, err := read(folder)
	if err == nil {
		books, err = named(books, names)
	}
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, b := range books {
		r := Result{Name: b.name, Title: b.title, Summary: b.summary}
		if fixed, err := Fix(b.content); err != nil {
			r.Problems = []Problem{{Text: err.Error()}}
		} else {
			r.Problems = Style(fixed)
			r.Fixed = !bytes.Equal(fixed, b.content)
			r.Unchanged = !r.Fixed
			if r.Fixed {
				if err := record.WriteBytes(b.path, fixed); err != nil {
					return nil, err
				}
			}
		}
		results = append(results, r)
	}
	return results, nil
}
