package experiments

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/record"
)

// Add adds scores to the report that the experiment left in the lab's folder of results. The scores that the report has
// are kept, and a run is trained again only if another score of it is missing. So a long experiment can be made in parts,
// even on machines that share no runs. What another process adds to the report meanwhile is kept. Scores that the store has
// are taken first. Then units are scored in groups, first those whose runs are there; missing runs are trained before they are scored.
// When the time within is over, no further group is begun, and the report is written with the scores that are there. It is
// written too if ctx is cancelled, or if a run or a picture fails, which is an error. It is an error if the report has scores that the experiment does not
// take.
func (e Experiment) Add(ctx context.Context, l *Lab, within time.Duration) (*report.Report, error) {
	r, err := e.add(ctx, l, within)
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	return r, nil
}

func (e Experiment) add(ctx context.Context, l *Lab, within time.Duration) (*report.Report, error) {
	started := time.Now()
	lab.Begin(l)
	folder := l.Folder(e.Name)
	units, err := e.units(l)
	if err != nil {
		return nil, err
	}
	old, err := e.earlier(l, folder, units)
	if err != nil {
		return nil, err
	}
	if err := e.tell(l, units); err != nil {
		return nil, err
	}
	a := addition{l: l, units: units, old: &old}
	if err := a.addKept(ctx); err != nil {
		return nil, err
	}
	trained, others := byTraining(l, units, old.missing())
	groups := slices.Concat(groupsOf(units, trained, 1), groupsOf(units, others, lab.AtOnce(l)))
	var stopped error
	for i, group := range groups {
		if i > 0 && time.Since(started) > within {
			fmt.Fprintf(l.Out, "%v are over, and %d of %d groups of runs are left for another time\n", within, len(groups)-i, len(groups))
			break
		}
		fmt.Fprintf(l.Out, "group %d of %d of the runs that have no scores in %s\n", i+1, len(groups), folder)
		if stopped = a.add(ctx, group); stopped != nil {
			if len(a.added) == 0 {
				return nil, stopped
			}
			fmt.Fprintln(l.Out, "stopped: the report is written with the scores that are there")
			break
		}
	}
	if old, err = e.updated(l, folder, units, old); err != nil {
		return nil, errors.Join(err, stopped)
	}
	without := notAll // why pictures are left out that are not drawn
	for {
		rows := old.taken()
		r, err := e.derive(rows, l.Setting)
		if err != nil {
			return nil, err
		}
		if r.Made, err = old.made(l, a.added); err != nil {
			return nil, err
		}
		r.Made.Command, r.Made.Missing = e.command(l), old.count()-len(rows)
		r.Made.Seconds += (time.Since(started) - l.Trained).Seconds()
		if stopped == nil {
			if r.Made.Omitted, stopped = e.drawOrKeep(ctx, l, r, jobsOf(units)); stopped != nil {
				fmt.Fprintf(l.Out, "the report is written with the pictures that are there, because drawing them ended: %v\n", stopped)
				without = "drawing it did not end"
			}
		}
		if stopped != nil {
			r.Made.Omitted = keepPictures(folder, r, without)
		}
		complete, err := e.writeUnlessAdded(l, r, units, &old)
		if err != nil || complete {
			return r, cmp.Or(err, stopped)
		}
	}
}

// writeUnlessAdded writes a report of the scores of old, unless somebody added scores while its pictures were drawn. Then it brings old
// up to date. It holds the report's folder, so that no scores are added between its reading and its writing.
func (e Experiment) writeUnlessAdded(l *Lab, r *report.Report, units []unit, old *earlier) (written bool, err error) {
	folder := l.Folder(e.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return false, err
	}
	defer record.LockFolder(folder)()
	now, err := e.updated(l, folder, units, *old)
	if err != nil {
		return false, err
	}
	rows := old.taken()
	if len(now.taken()) != len(rows) {
		*old = now
		return false, nil
	}
	return true, e.write(l, r, rows)
}

// addition adds scores of units to an earlier report.
type addition struct {
	l     *Lab
	units []unit
	old   *earlier
	added []unit // those whose scores were added
}

// addKept adds the scores of all units of which the store has all scores.
func (a *addition) addKept(ctx context.Context) error {
	for _, at := range a.old.missing() {
		kept, err := a.units[at].kept(a.l)
		if err == nil && kept {
			err = a.addScores(ctx, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add trains the runs of the units at places together, and then adds their scores.
func (a *addition) add(ctx context.Context, group []int) error {
	var of []unit
	for _, at := range group {
		of = append(of, a.units[at])
	}
	if err := lab.Prepare(ctx, a.l, jobsOf(of)); err != nil {
		return err
	}
	for _, at := range group {
		if err := a.addScores(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// addScores adds the scores that the earlier report lacks of the unit at a place.
func (a *addition) addScores(ctx context.Context, at int) error {
	u := a.units[at]
	u.metrics = nil
	for _, i := range a.old.lacks[at] {
		u.metrics = append(u.metrics, a.units[at].metrics[i])
	}
	taken, err := take(ctx, a.l, []unit{u})
	if err != nil {
		return err
	}
	for k, i := range a.old.lacks[at] {
		a.old.rows[at][i] = taken[k]
	}
	a.old.lacks[at] = nil
	a.added = append(a.added, a.units[at])
	return nil
}

// earlier is the report that an experiment left, as far as its scores are still those of the experiment's units.
type earlier struct {
	report *report.Report // nil: there was none
	rows   []score.Rows   // of each unit, with the scores that the report has
	lacks  [][]int        // the places in rows of the scores that it has not
	units  []unit         // those of which the report has at least one score
}

// earlier reads the report in a folder. A report without scores counts as none. Scores without a report are read.
func (e Experiment) earlier(l *Lab, folder string, units []unit) (old earlier, err error) {
	rows, err := report.ReadScores(folder)
	if errors.Is(err, fs.ErrNotExist) { // there is no report
		err = nil
	} else if err == nil {
		old.report, err = report.Read(folder)
		if _, no := os.Stat(filepath.Join(folder, report.JSONName)); errors.Is(no, fs.ErrNotExist) { // a process was killed while it wrote the report
			err = nil
		}
	}
	if err != nil {
		return old, err
	}
	known := map[score.Row]score.Row{}
	for _, r := range rows {
		known[withoutValue(r)] = r
	}
	for _, u := range units {
		of, _, err := u.rows(l)
		if err != nil {
			return old, err
		}
		var lacks []int
		for k, r := range of {
			there, is := known[r]
			if !is {
				lacks = append(lacks, k)
				continue
			}
			of[k] = there
			delete(known, r)
		}
		if len(lacks) < len(of) {
			old.units = append(old.units, u)
		}
		old.rows, old.lacks = append(old.rows, of), append(old.lacks, lacks)
	}
	for _, r := range rows {
		if _, left := known[withoutValue(r)]; left {
			return old, fmt.Errorf("%s has scores that it does not take now (%d, such as %v): run the experiment without -add", folder, len(known), withoutValue(r))
		}
	}
	return old, nil
}

// updated is the report in a folder as it is now, with the scores that were taken since it was read. Another process may have
// added scores to it meanwhile.
func (e Experiment) updated(l *Lab, folder string, units []unit, taken earlier) (earlier, error) {
	now, err := e.earlier(l, folder, units)
	for at := range now.rows {
		now.lacks[at] = slices.DeleteFunc(now.lacks[at], func(i int) bool {
			if slices.Contains(taken.lacks[at], i) {
				return false
			}
			now.rows[at][i] = taken.rows[at][i]
			return true
		})
	}
	return now, err
}

// taken are the scores that are there, in order.
func (old earlier) taken() (rows score.Rows) {
	for at, of := range old.rows {
		for i, row := range of {
			if !slices.Contains(old.lacks[at], i) {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// count is the number of all scores, with those that are missing.
func (old earlier) count() (n int) {
	for _, of := range old.rows {
		n += len(of)
	}
	return n
}

// missing are the places of the units that lack scores.
func (old earlier) missing() (at []int) {
	for i, lacks := range old.lacks {
		if len(lacks) > 0 {
			at = append(at, i)
		}
	}
	return at
}

// made says how the earlier report and the runs of added units were made. If the scores are there and the report is not, it
// counts those runs that the store has.
func (old earlier) made(l *Lab, added []unit) (*report.Made, error) {
	before := old.units
	if old.report == nil {
		before, added = nil, slices.Concat(old.units, added)
	}
	counted := map[string]bool{}
	for _, j := range jobsOf(before) {
		run, _, err := l.RunOf(j.Derived, j.Config)
		if err != nil {
			return nil, err
		}
		counted[run.Name()] = true
	}
	made, err := madeOf(l, jobsOf(added), counted)
	if err != nil || old.report == nil || old.report.Made == nil {
		return made, err
	}
	had := old.report.Made
	made.Runs += had.Runs
	made.Training += had.Training
	made.Seconds += had.Seconds
	for place, n := range had.Places {
		made.Places[place] += n
	}
	maps.Copy(made.Trained, had.Trained)
	return made, nil
}

// drawOrKeep draws the pictures of models if all runs of the experiment are there. Otherwise it takes the pictures that
// the folder has.
func (e Experiment) drawOrKeep(ctx context.Context, l *Lab, r *report.Report, jobs []lab.Job) (omitted map[string]string, err error) {
	for _, j := range jobs {
		_, _, there, err := l.Finished(j)
		if err != nil {
			return nil, err
		}
		if !there {
			return keepPictures(l.Folder(e.Name), r, notAll), nil
		}
	}
	return e.draw(ctx, l, r)
}

// notAll is why a picture of models is not drawn in a report that is made in parts.
const notAll = "not all runs of the experiment are there"

// keepPictures takes those of a report's pictures of models that were not drawn from a folder. It leaves out those that are not
// there, for a reason.
func keepPictures(folder string, r *report.Report, reason string) (omitted map[string]string) {
	omitted = map[string]string{}
	var figures []report.Figure
	for _, f := range r.Figures {
		if !f.Scores && f.Figure == nil {
			kept, err := report.ReadFigure(folder, f.Name)
			if err != nil {
				omitted[f.Name] = reason
				continue
			}
			f.Figure = kept
		}
		figures = append(figures, f)
	}
	r.Figures = figures
	return omitted
}

// byTraining divides the places of units into those that need no training, and the others.
func byTraining(l *Lab, units []unit, places []int) (trained, others []int) {
	for _, at := range places {
		untrained := slices.ContainsFunc(jobsOf(units[at:at+1]), func(j lab.Job) bool {
			_, _, there, err := l.Finished(j)
			return err != nil || !there
		})
		if untrained {
			others = append(others, at)
		} else {
			trained = append(trained, at)
		}
	}
	return trained, others
}

// groupsOf groups the units at places, so that each group has runs to train at the same time. Units whose runs continue
// one another are in the same group.
func groupsOf(units []unit, places []int, together int) (groups [][]int) {
	var families [][]int
	family := map[string]int{} // by the run from which the unit's run starts in the end
	for _, at := range places {
		if j := units[at].job; j != nil {
			c := j.Config
			for c.Start != nil {
				c = *c.Start
			}
			key := keyOf(j.Derived, c)
			if i, known := family[key]; known {
				families[i] = append(families[i], at)
				continue
			}
			family[key] = len(families)
		}
		families = append(families, []int{at})
	}
	for i, of := range families {
		if i%together == 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], of...)
	}
	return groups
}
