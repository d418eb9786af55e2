package lab

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
)

// The number of clusters that are looked for in a data set without labels.
const (
	defaultK = 10
	maxK     = 256
)

// clusters is the number of clusters that options ask for.
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

// load reads the data set that options name.
func load(ctx context.Context, o Options, progress io.Writer) (*dataset.Dataset, error) {
	return fashion.Load(ctx, fashion.Source{Path: first(o.Data, os.Getenv(EnvData)), Progress: progress})
}

// Source reads the data set that options name, and says where what is made of it goes: TablesFolder.
func Source(ctx context.Context, o Options) (data *dataset.Dataset, tables string, err error) {
	if data, err = load(ctx, o, o.Out); err != nil {
		return nil, "", err
	}
	return data, TablesFolder(ResultsFolder(o.Results), data), nil
}

// TablesFolder is the folder of the tables, figures and pages made of a data set: that of results for Fashion-MNIST, and one of
// its own in it for any other.
func TablesFolder(results string, data *dataset.Dataset) string {
	if data.Name == fashion.Name {
		return results
	}
	return filepath.Join(results, "other", fmt.Sprintf("%s-%.12s", fileName(data.Name), data.Checksum))
}

// fileName is a name with a hyphen for whatever is awkward in the name of a file.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, name)
	return strings.TrimLeft(safe, ".-")
}

// Sentence says what a data set is, and ends with a space; "" for Fashion-MNIST, which the study is about.
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

// flags is the part of a command that names the data set and the number of clusters; "" for Fashion-MNIST.
func flags(data *dataset.Dataset, path string, k int) string {
	text := ""
	if path != "" && data.Name != fashion.Name {
		text = " -data " + path
		if strings.ContainsAny(path, " '\"\\$&;()*?") {
			text = " -data '" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		}
	}
	if !data.Labelled() && k != defaultK {
		text += fmt.Sprintf(" -k %d", k)
	}
	return text
}

// Folder is where an experiment leaves its tables and figures: NAME in TablesFolder at full scale, SCALE/NAME otherwise. So neither
// another scale nor another data set changes the published tables.
func (l *Lab) Folder(experiment string) string { return FolderOf(l.Tables, l.Scale.Name, experiment) }

// FolderOf is where an experiment leaves its tables and figures in a folder of tables, at a scale.
func FolderOf(tables, scale, experiment string) string {
	if scale == Full.Name {
		return filepath.Join(tables, experiment)
	}
	return filepath.Join(tables, scale, experiment)
}
