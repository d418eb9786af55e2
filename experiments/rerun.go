package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"

	"gonum.org/v1/gonum/stat/distuv"
)

// rerunConfidence is the confidence of the interval that a score from another machine must lie in.
const rerunConfidence = .999

// Rerun draws n runs at random with a seed from those behind the reports in a folder of tables. It trains them again in
// the lab's own store, with as many threads as before, takes their scores and compares each with its row of scores.csv.
// If a run and those that it needs were trained with the same backend, plugin, processor and number of threads as here,
// and the report was made with as many cores, its scores must be equal to the bit. Otherwise the difference must not be
// larger than its reach. A row with fewer than two seeds, or without spread, is not judged then.
func Rerun(ctx context.Context, l *Lab, tables string, n int, seed uint64) ([]Verified, error) {
	type measured struct {
		e    Experiment
		u    unit
		rows score.Rows
		made *report.Made
	}
	of := map[string][]measured{}        // by run
	trained := map[string]report.Place{} // by run
	for _, e := range All {
		folder := lab.FolderOf(tables, l.Scale.Name, e.Name)
		rows, err := report.ReadScores(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := report.Read(folder)
		if err != nil {
			return nil, err
		}
		units, err := e.units(l)
		if err != nil {
			return nil, err
		}
		if r.Made != nil {
			maps.Copy(trained, r.Made.Trained)
		}
		for _, u := range units {
			u.metrics = slices.DeleteFunc(slices.Clone(u.metrics), func(m metric.Metric) bool { // without those that are not in the report
				of := rows.Of(u.variant, m.Name, m.Split)
				return !slices.ContainsFunc(of, func(r score.Row) bool { return r.Seed == u.seeded() })
			})
			if u.job == nil || len(u.metrics) == 0 || r.Made == nil {
				continue
			}
			run, err := u.run(l)
			if err != nil {
				return nil, err
			}
			of[run.Name()] = append(of[run.Name()], measured{e, u, rows, r.Made})
		}
	}
	names := slices.Sorted(maps.Keys(of))
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:min(n, len(names))]
	var chosen []unit
	for _, name := range names {
		for _, m := range of[name] {
			chosen = append(chosen, m.u)
		}
	}
	if err := trainAs(ctx, l, jobsOf(chosen), trained); err != nil {
		return nil, err
	}
	var all []Verified
	for _, name := range names {
		for _, m := range of[name] {
			again, err := m.u.take(ctx, l)
			if err != nil {
				return nil, err
			}
			exact, err := trainedAs(l, jobsOf([]unit{m.u}), m.made)
			if err != nil {
				return nil, err
			}
			v := Verified{Experiment: m.e.Name, Rows: len(again)}
			for _, r := range again {
				if problem := sameScore(m.rows, r, exact); problem != "" {
					v.Problems = append(v.Problems, fmt.Sprintf("%v: %s", r, problem))
				}
			}
			all = append(all, v)
		}
	}
	return all, nil
}

// withStarts are jobs and those that they start from, each once, in an order in which they can be trained.
func withStarts(jobs []lab.Job) []lab.Job {
	all := unit{needs: slices.Clone(jobs)}
	for _, j := range jobs {
		for start := j.Config.Start; start != nil; start = start.Start {
			all.needs = append(all.needs, lab.Job{Config: *start, Derived: j.Derived})
		}
	}
	return jobsOf([]unit{all})
}

// trainAs trains the runs of jobs, and before them those that they start from, each with the threads of its place.
func trainAs(ctx context.Context, l *Lab, jobs []lab.Job, places map[string]report.Place) error {
	all := withStarts(jobs)
	for i, j := range all {
		run, _, err := l.RunOf(j.Derived, j.Config)
		if err != nil {
			return err
		}
		all[i].Threads = places[run.Name()].Threads
	}
	for len(all) > 0 {
		n := 1
		for n < len(all) && depth(all[n].Config) == depth(all[0].Config) {
			n++
		}
		if err := lab.Prepare(ctx, l, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// trainedAs says whether the runs of jobs, and those that they start from, were trained at the same places here as for a
// report.
func trainedAs(l *Lab, jobs []lab.Job, made *report.Made) (bool, error) {
	for _, j := range withStarts(jobs) {
		run, _, err := l.RunOf(j.Derived, j.Config)
		if err != nil {
			return false, err
		}
		manifest, err := run.Manifest()
		if err != nil {
			return false, err
		}
		if made.Trained[run.Name()].Place != manifest.Place() {
			return false, nil
		}
	}
	return made.Cores == runtime.NumCPU(), nil
}

// sameScore describes how a score that was taken again differs from its row of scores.csv. It is "" if it does not.
// exact: the values must be equal to the bit.
func sameScore(rows score.Rows, again score.Row, exact bool) string {
	of := rows.Of(again.Variant, again.Metric, again.Split)
	i := slices.IndexFunc(of, func(r score.Row) bool { return r.Seed == again.Seed })
	if i < 0 {
		return "scores.csv has no such row"
	}
	row := of[i]
	switch {
	case row.Identity != again.Identity || row.Run != again.Run:
		return fmt.Sprintf("scores.csv has %v of run %s: the experiment has changed since then", row.Identity, row.Run)
	case row.Undefined == "" && again.Undefined != "":
		return fmt.Sprintf("scores.csv has %v, but now it is undefined, because %s", row.Value, again.Undefined)
	case row.Undefined != "" && again.Undefined == "":
		return fmt.Sprintf("in scores.csv it is undefined, because %s; now it is %v", row.Undefined, again.Value)
	case row.Undefined != again.Undefined:
		return fmt.Sprintf("in scores.csv it is undefined, because %s; now the reason is %s", row.Undefined, again.Undefined)
	case row.Value == again.Value || row.Undefined != "":
		return ""
	case exact:
		return fmt.Sprintf("scores.csv has %v, but it is now %v with the same backend, plugin, processor and number of threads", row.Value, again.Value)
	}
	if own, all := reach(rows, of); math.Abs(row.Value-again.Value) > max(own, all) {
		return fmt.Sprintf("scores.csv has %v, but it is now %v: the spread of its %d seeds allows a difference of at most %v, and that of all rows of its metric %v", row.Value, again.Value, of.Summary().N(), own, all)
	}
	return ""
}

// reach is the range of the difference of two draws from one normal distribution in 99.9 % of cases, by Student's
// distribution: own by the standard deviation over a row's seeds, and all by the deviation pooled over the rows of the same
// metric in the report. A difference may be as large as the larger one, because a few seeds can agree by chance: accuracies of
// clusters lie near one of two values, by whether two classes share a cluster. By own, .8 % of the differences between the
// study's own seeds would be too large, by the larger one .1 %. Where the row's spread is not known or is zero, both are
// infinite.
func reach(rows, of score.Rows) (own, all float64) {
	s := of.Summary()
	deviation, known := s.Deviation()
	if !known || deviation == 0 {
		return math.Inf(1), math.Inf(1)
	}
	student := func(deviation, freedom float64) float64 {
		return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(1-(1-rerunConfidence)/2) * deviation * math.Sqrt2
	}
	return student(deviation, float64(s.N()-1)), student(rows.Pooled(of[0].Metric, of[0].Split))
}
