package lab

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
)

// The number of clusters in a data set without labels.
const (
	defaultK = 10
	maxK     = 256
)

// clusters returns the number of clusters that the options or the environment ask for. A number above maxK or below 0
// is an error.
func clusters(k int) (int, error) {
	if text := os.Getenv(EnvK); k == 0 && text != "" {
		var err error
		if k, err = strconv.Atoi(text); err != nil {
			return 0, fmt.Errorf("%s is %q, want a number of clusters", EnvK, text)
		}
	}
	if k < 0 || k > maxK {
		return 0, fmt.Errorf("number of clusters is %d, want 1 to %d, or 0 for %d", k, maxK, defaultK)
	}
	if k == 0 {
		return defaultK, nil
	}
	return k, nil
}

// CheckClusters returns an error if k is no number of clusters, nor 0 for the usual number.
func CheckClusters(k int) error {
	_, err := clusters(k)
	return err
}

// load reads the data set that options name.
func load(ctx context.Context, o Options, progress io.Writer) (*dataset.Dataset, error) {
	return fashion.Load(ctx, fashion.Source{Path: cmp.Or(o.Data, os.Getenv(EnvData)), Progress: progress})
}

// Source reads the data set that options name. It also returns the folder for tables made of it, TablesFolder.
func Source(ctx context.Context, o Options) (data *dataset.Dataset, tables string, err error) {
	if data, err = load(ctx, o, o.Out); err != nil {
		return nil, "", err
	}
	return data, TablesFolder(ResultsFolder(o.Results), data), nil
}

// TablesFolder is the folder of the tables, figures and pages made of a data set. For Fashion-MNIST it is the folder of
// results. Every other data set has a folder of its own in it.
func TablesFolder(results string, data *dataset.Dataset) string {
	if data.Name == fashion.Name {
		return results
	}
	return filepath.Join(results, "other", fmt.Sprintf("%s-%.12s", fileName(data.Name), data.Checksum))
}

// fileName replaces every character that is awkward in a file name by a hyphen. Hyphens and dots at the start are
// removed. If nothing is left, the name is "data".
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, name)
	return cmp.Or(strings.TrimLeft(safe, ".-"), "data")
}

// Sentence describes a data set in a sentence followed by a space. It is "" for Fashion-MNIST, the data set of the
// study.
func Sentence(data *dataset.Dataset) string {
	if data.Name == fashion.Name {
		return ""
	}
	classes := "without labels"
	if n := len(data.Classes); n == 1 {
		classes = "of one class"
	} else if n > 1 {
		classes = fmt.Sprintf("of %d classes", n)
	}
	return fmt.Sprintf("Data: %s, images of %d x %d %s, checksum %.12s. ", data.Title, data.Side(), data.Side(), classes, data.Checksum)
}

// flags are the flags of a command that name the data set and the number of clusters, where they are not the defaults.
func flags(data *dataset.Dataset, path string, k int) string {
	text := ""
	if path != "" && data.Name != fashion.Name {
		text = " -data " + Quoted(path)
	}
	if !data.Labelled() && k != defaultK {
		text += fmt.Sprintf(" -k %d", k)
	}
	return text
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./-]+$`)

// Quoted is a word of a command with the quotes that a POSIX shell needs.
func Quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Folder is where an experiment leaves its tables and figures: TablesFolder/NAME at full scale, and
// TablesFolder/SCALE/NAME at any other scale. The published tables, of Fashion-MNIST at full scale, therefore have a
// folder of their own.
func (l *Lab) Folder(experiment string) string { return FolderOf(l.Tables, l.Scale.Name, experiment) }

// FolderOf is the folder of an experiment's tables and figures in a folder of tables, at a scale.
func FolderOf(tables, scale, experiment string) string {
	if scale == Full.Name {
		return filepath.Join(tables, experiment)
	}
	return filepath.Join(tables, scale, experiment)
}
