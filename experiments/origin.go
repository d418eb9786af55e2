package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"fashionlatent"
	"fashionlatent/lib/training"
)

// origin identifies all that something is made from: the program's code, the backend, the data set, the scale, and the runs: their weights and where they were trained. It is
// "" where one of the runs is not there.
func (l *Lab) origin(what string, jobs []job) string {
	scale, err := json.Marshal(l.Scale)
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s %s %s\n%s %s\n%s\n", what, fashionlatent.Sources(), l.Backend.Kind, filepath.Base(l.Backend.Plugin), l.Backend.Version,
		l.Data.Name, l.Data.Checksum, scale)
	for _, j := range jobs {
		run, _, err := l.runOf(j.derived, j.config)
		if err != nil {
			return ""
		}
		if there, err := training.Exists(run, j.config, j.snapshots); err != nil || !there {
			return ""
		}
		manifest, err := run.Manifest()
		if err != nil {
			return ""
		}
		fmt.Fprintf(h, "%s %s %q %q\n", run.Name(), manifest.WeightsSHA256, manifest.Place(), manifest.Earlier)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// unchanged returns the report that the experiment left, if it would be made from the same again and all its files are as it left them; else nil.
func (l *Lab) unchanged(e Experiment) *Report {
	origin := l.origin(e.Name, e.jobs(l))
	if origin == "" {
		return nil
	}
	folder := l.Folder(e.Name)
	s, err := readSaved(folder)
	if err != nil || s.Origin != origin {
		return nil
	}
	for name, sum := range s.Files {
		if found, err := fileSHA256(filepath.Join(folder, name)); err != nil || found != sum {
			return nil
		}
	}
	r, err := ReadReport(l.Results, l.Scale.Name, e)
	if err != nil {
		return nil
	}
	return r
}

func fileSHA256(path string) (string, error) {
	content, err := os.ReadFile(path)
	return fmt.Sprintf("%x", sha256.Sum256(content)), err
}
