package experiments

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/score"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// unit is one subject with the metrics that are taken of it: a trained model, or something that is compared with models
// and is not trained.
type unit struct {
	variant string
	job     *lab.Job // the run whose scores are taken; nil: slug and spec identify the scores
	slug    string
	spec    map[string]any // of what is not trained; the data set's checksum is added to it
	needs   []lab.Job      // further runs that the subject is made from
	derived string         // the data set of what is not trained, as Lab.Dataset names it
	model   string         // in the row, where there is no job
	latent  int
	seed    uint64
	metrics []metric.Metric
	subject func(ctx context.Context, l *Lab) (any, error) // nil: the trained model of the job on its data set
}

// data is the data set of a unit.
func (u unit) data(l *Lab) (*dataset.Dataset, error) {
	if u.job != nil {
		return l.Dataset(u.job.Derived)
	}
	return l.Dataset(u.derived)
}

// run is the run in which the unit's scores are kept.
func (u unit) run(l *Lab) (*record.Run, error) {
	if u.job != nil {
		run, _, err := l.RunOf(u.job.Derived, u.job.Config)
		return run, err
	}
	data, err := u.data(l)
	if err != nil {
		return nil, err
	}
	spec := map[string]any{"data": data.Checksum}
	for key, value := range u.spec {
		spec[key] = value
	}
	return l.Runs.Run(u.slug, spec)
}

// seeded is the unit's seed.
func (u unit) seeded() uint64 {
	if u.job != nil {
		return u.job.Config.Seed
	}
	return u.seed
}

// rows are the unit's rows without values, and the run in which its scores are kept.
func (u unit) rows(l *Lab) (score.Rows, *record.Run, error) {
	run, err := u.run(l)
	if err != nil {
		return nil, nil, err
	}
	data, err := u.data(l)
	if err != nil {
		return nil, nil, err
	}
	row := score.Row{Dataset: data.Name, Run: run.Name(), Variant: u.variant, Model: u.model, Latent: u.latent, Seed: u.seeded()}
	if u.job != nil {
		c := u.job.Config
		row.Model, row.Latent = c.Model.Model, c.Model.Latent
	}
	var rows score.Rows
	for _, m := range u.metrics {
		row.Score = record.Score{Identity: m.Identity(), Unit: m.Unit}
		rows = append(rows, row)
	}
	return rows, run, nil
}

// identities are the rows of units without values.
func identities(l *Lab, units []unit) (score.Rows, error) {
	var all score.Rows
	for _, u := range units {
		rows, _, err := u.rows(l)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// take returns the scores of units. Scores that were taken before are read. The new scores of a unit are saved with its
// run before the next unit begins.
func take(ctx context.Context, l *Lab, units []unit) (score.Rows, error) {
	var all score.Rows
	for _, u := range units {
		rows, err := u.take(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("%s, seed %d: %w", u.variant, u.seeded(), err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (u unit) take(ctx context.Context, l *Lab) (score.Rows, error) {
	rows, run, err := u.rows(l)
	if err != nil {
		return nil, err
	}
	for i, m := range u.metrics {
		rows[i].Undefined = m.Unmet
	}
	if !slices.ContainsFunc(u.metrics, func(m metric.Metric) bool { return m.Unmet == "" }) {
		return rows, nil
	}
	if u.job == nil {
		if err := run.Create(); err != nil {
			return nil, err
		}
	}
	if err := u.forget(l, run); err != nil {
		return nil, err
	}
	kept, missing, err := u.scores(run)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		if kept, err = u.measure(ctx, l, run); err != nil {
			return nil, err
		}
	}
	for i, m := range u.metrics {
		if m.Unmet != "" {
			continue
		}
		s, found := record.Find(kept, m.Identity())
		if !found {
			return nil, fmt.Errorf("the score %[2]v of run %[1]s is missing", run.Name(), m.Identity())
		}
		s.Unit = m.Unit // an earlier version may have called it otherwise
		rows[i].Score = s
	}
	return rows, nil
}

// scores are those that the unit's run has, and the metrics whose scores it lacks.
func (u unit) scores(run *record.Run) (kept []record.Score, missing []metric.Metric, err error) {
	if kept, err = run.Scores(); err != nil {
		return nil, nil, err
	}
	for _, m := range u.metrics {
		if _, found := record.Find(kept, m.Identity()); !found && m.Unmet == "" {
			missing = append(missing, m)
		}
	}
	return kept, missing, nil
}

// kept says whether the unit's run has all its scores.
func (u unit) kept(l *Lab) (bool, error) {
	run, err := u.run(l)
	if err != nil {
		return false, err
	}
	_, missing, err := u.scores(run)
	return len(missing) == 0, err
}

// saveEvery is the time after which scores of a unit are saved while others of it are still being taken.
var saveEvery = 10 * time.Second

// measure takes the missing scores of a unit, saves them with its run, and returns all scores of the run. If one metric
// fails, the scores taken before it are still saved.
func (u unit) measure(ctx context.Context, l *Lab, run *record.Run) ([]record.Score, error) {
	open := u.subject
	if open == nil {
		open = func(ctx context.Context, l *Lab) (any, error) { return trained(ctx, l, *u.job) }
	}
	of, err := open(ctx, l)
	if err != nil {
		return nil, err
	}
	_, missing, err := u.scores(run) // the run may have been trained again, and has lost its scores then
	if err != nil {
		return nil, err
	}
	update, done := func(int, string) {}, func(string) {}
	if len(missing) > 5 { // fewer take no time
		progress := show.NewProgress(l.Out, fmt.Sprintf("scores of %s, seed %d", u.variant, u.seeded()), len(missing), "scores")
		update, done = progress.Update, progress.Done
	}
	var taken []record.Score
	saved := time.Now()
	var problem error
	for i, m := range missing {
		update(i, m.Name)
		s, err := m.Take(ctx, of)
		if err != nil {
			problem = err
			break
		}
		if taken = append(taken, s); time.Since(saved) > saveEvery {
			if problem = u.save(ctx, l, run, taken); problem != nil {
				break
			}
			taken, saved = nil, time.Now()
		}
	}
	if problem == nil {
		done(fmt.Sprintf("%d taken", len(missing)))
	} else {
		done("stopped")
	}
	if err := u.save(context.WithoutCancel(ctx), l, run, taken); err != nil || problem != nil {
		return nil, cmp.Or(problem, err)
	}
	return run.Scores()
}

// save adds scores to the unit's run. A run that is not trained gets its manifest first.
func (u unit) save(ctx context.Context, l *Lab, run *record.Run, scores []record.Score) error {
	if u.job == nil && len(scores) > 0 {
		data, err := u.data(l)
		if err != nil {
			return err
		}
		release, err := run.Lock(ctx, nil)
		if err != nil {
			return err
		}
		defer release()
		manifest := record.NewManifest()
		manifest.State, manifest.Data, manifest.DataChecksum = record.Finished, data.Name, data.Checksum
		manifest.WeightsSHA256 = lab.Weights(l, u.needs)
		if err := run.WriteManifest(manifest); err != nil {
			return err
		}
	}
	return run.AddScores(scores...)
}

// forget removes the scores of a unit that is not trained itself if the runs that it is made from have other weights now.
func (u unit) forget(l *Lab, run *record.Run) error {
	if u.job != nil {
		return nil
	}
	weights := lab.Weights(l, u.needs)
	if weights == "" {
		return nil
	}
	manifest, err := run.Manifest()
	if err != nil || manifest.WeightsSHA256 == "" || manifest.WeightsSHA256 == weights {
		return nil // nothing is known of the weights that the scores belong to, if there are scores
	}
	return run.RemoveScores()
}

// trained returns the model of a job on its data set. It is trained unless its run exists.
func trained(ctx context.Context, l *Lab, j lab.Job) (*subject.Model, error) {
	data, err := l.Dataset(j.Derived)
	if err != nil {
		return nil, err
	}
	r, err := l.TrainOn(ctx, data, j.Config, j.Snapshots...)
	if err != nil {
		return nil, err
	}
	if j.Derived == "" {
		return lab.Subject(l, r)
	}
	images, err := lab.Images(l, j.Derived)
	if err != nil {
		return nil, err
	}
	return subject.New(images, r.Model, r.Config.Seed), nil
}

// checkData makes the scores of a unit undefined, and leaves out its runs, if its data cannot be trained on.
func (u *unit) checkData(data *dataset.Dataset, c training.Config) {
	why := untrainable(data, c)
	if why == "" {
		return
	}
	u.job, u.needs, u.slug = nil, nil, "untrained"
	for i := range u.metrics {
		u.metrics[i].Unmet = cmp.Or(u.metrics[i].Unmet, why)
	}
}

// untrainable says why a model cannot be trained on data; "": it can.
func untrainable(data *dataset.Dataset, c training.Config) string {
	switch {
	case data.Train.Len() < c.Batch:
		return fmt.Sprintf("a batch has %d images, and there are %d training images", c.Batch, data.Train.Len())
	case c.Model.Latent > data.Pixels():
		return fmt.Sprintf("the code has %d dimensions, and an image %d pixels", c.Model.Latent, data.Pixels())
	}
	return ""
}

// tell prints which scores the data set cannot define, and why, before anything is trained. It returns whether the data
// set itself defines none, whatever the data sets made of it define.
func tell(l *Lab, units []unit) (none bool) {
	none = true
	var reasons []string
	names := map[string][]string{}
	for _, u := range units {
		own := u.derived == "" && (u.job == nil || u.job.Derived == "")
		for _, m := range u.metrics {
			if m.Unmet == "" {
				none = none && !own
				continue
			}
			if names[m.Unmet] == nil {
				reasons = append(reasons, m.Unmet)
			}
			if !slices.Contains(names[m.Unmet], m.Name) {
				names[m.Unmet] = append(names[m.Unmet], m.Name)
			}
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(l.Out, "Undefined for this data set, because %s: %s. Everything else is computed.\n", reason, strings.Join(names[reason], ", "))
	}
	return none
}

// tell prints which scores the data set cannot define. It is an error if it defines none and the experiment draws no models.
func (e Experiment) tell(l *Lab, units []unit) error {
	if none := tell(l, units); none && e.pictures == nil {
		return fmt.Errorf("none of its scores is defined for %s: nothing was trained", l.Data.Title)
	}
	return nil
}

// jobsOf are the runs that units need, each once. Runs that start from other runs come last, so that they seldom have
// to wait for those.
func jobsOf(units []unit) []lab.Job {
	var jobs []lab.Job
	place := map[string]int{}
	add := func(j lab.Job) {
		key := keyOf(j.Derived, j.Config)
		i, there := place[key]
		if !there {
			i = len(jobs)
			place[key] = i
			jobs = append(jobs, lab.Job{Config: j.Config, Derived: j.Derived})
		}
		jobs[i].Snapshots = append(jobs[i].Snapshots, j.Snapshots...)
	}
	for _, u := range units {
		if u.job != nil {
			add(*u.job)
		}
		for _, j := range u.needs {
			add(j)
		}
	}
	for i := range jobs {
		slices.Sort(jobs[i].Snapshots)
		jobs[i].Snapshots = slices.Compact(jobs[i].Snapshots)
	}
	slices.SortStableFunc(jobs, func(a, b lab.Job) int { return depth(a.Config) - depth(b.Config) })
	return jobs
}

// keyOf identifies a configuration on the data set that a job names.
func keyOf(derived string, c training.Config) string {
	config, _ := json.Marshal(c) // it holds only numbers, texts and lists of them, so this cannot fail
	return derived + string(config)
}

// depth is the length of the chain of runs that a training starts from.
func depth(c training.Config) int {
	if c.Start == nil {
		return 0
	}
	return 1 + depth(*c.Start)
}
