package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"

	"fashionlatent"
)

// Origin is a hash of everything that something is made from: the program's code, the backend, the data set, the scale,
// and the weights of the runs and where they were trained. It is "" if one of the runs is missing or cannot be read.
func Origin(l *Lab, what string, jobs []Job) string {
	s := l.Setting
	s.Flags = "" // the data set may lie at another path
	setting, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s %s %s\n%s\n", what, fashionlatent.Sources(), l.Backend.Kind, filepath.Base(l.Backend.Plugin), l.Backend.Version, setting)
	if weights := Weights(l, jobs); weights != "" {
		fmt.Fprintln(h, weights)
	} else if len(jobs) > 0 {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Weights is a hash of the weights of the runs of jobs and of where they were trained. It is "" if there are no jobs, or if
// one of the runs is missing or cannot be read.
func Weights(l *Lab, jobs []Job) string {
	if len(jobs) == 0 {
		return ""
	}
	h := sha256.New()
	for _, j := range jobs {
		run, _, there, err := l.Finished(j)
		if err != nil || !there {
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
