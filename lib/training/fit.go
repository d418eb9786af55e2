package training

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
)

// Options control everything around training. They do not change its outcome.
type Options struct {
	Runs      *record.Store  // where the run is kept and looked for; nil: it is not kept
	Snapshots []int          // epochs whose weights are kept with the run; 0 is before training; with Config.Patience none are kept
	Progress  func(Progress) // called several times in an epoch; nil: not called
	Say       func(string)   // receives messages to the user, each a sentence; nil: they are dropped

	// SaveEvery is the shortest time between two checkpoints. A run that is killed loses at most about that
	// much work, and the epoch in progress; 0: 10 seconds.
	SaveEvery time.Duration
}

// Progress is how far training has come.
type Progress struct {
	Step, Steps   int         // steps done, of all steps of the run
	Epoch, Epochs int         // Epoch is the one in progress, from 1
	Train         record.Loss // mean of the epoch so far
	Test          record.Loss // after the previous epoch
}

// Result is a trained model and the record of its training.
type Result struct {
	Config  Config
	Model   *autoencoder.Model
	History []record.Epoch
	Scores  []record.Score
	Run     *record.Run // nil: the run is not kept
	Found   bool        // the run was read instead of trained

	device *backend.Backend
}

// Snapshot returns the model after an epoch that was in Options.Snapshots. For the last epoch it is Model. With early
// stopping there are no snapshots, and Model is that of the best epoch.
func (r *Result) Snapshot(epoch int) (*autoencoder.Model, error) {
	if r.Config.Patience > 0 {
		return nil, fmt.Errorf("the weights of epoch %d were not kept: early stopping keeps those of the best epoch", epoch)
	}
	if epoch == r.Config.Epochs {
		return r.Model, nil
	}
	if r.Run == nil {
		return nil, fmt.Errorf("the weights of epoch %d were not kept: the run has no folder", epoch)
	}
	w, err := readSnapshot(r.Run, epoch, r.Config.Model)
	if err != nil {
		return nil, err
	}
	return autoencoder.NewModel(r.device, r.Config.Model, w)
}

// Fit trains a model on the training split of a data set. A configuration without a side takes that of the images. If
// Config.Start is set, it fits that first and starts from its final weights. After each epoch it computes the loss on the
// test split. Without Config.Patience, this loss has no influence on training. If Options.Runs holds the finished run, it
// is read instead. If it holds a part of the run, training continues from there, with the same result as without the
// interruption if the backend and its number of threads are the same. With Options.Runs, a training that is cancelled or fails saves the epochs done
// so far and returns a StoppedError.
func Fit(ctx context.Context, b *backend.Backend, data *dataset.Dataset, c Config, o Options) (*Result, error) {
	c, err := c.on(data)
	if err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.SaveEvery == 0 {
		o.SaveEvery = 10 * time.Second
	}
	if data.Test.Len() == 0 {
		return nil, errors.New("the data set has no test images, and the loss on them is computed after each epoch")
	}
	if n := data.Train.Len(); c.Batch > n {
		return nil, fmt.Errorf("batch is %d images, want at most the %d training images", c.Batch, n)
	}
	o.Snapshots = c.kept(o.Snapshots)
	t := &trainer{Options: o, backend: b, data: data, config: c}
	if o.Runs == nil {
		if err := t.begin(ctx, nil); err != nil {
			return nil, err
		}
		if err := t.train(ctx); err != nil {
			return nil, err
		}
		return t.result(ctx)
	}
	if t.run, err = RunOf(o.Runs, data, c); err != nil {
		return nil, err
	}
	var r *Result
	find := func() (bool, error) {
		var err error
		r, err = t.find()
		return r != nil, err
	}
	err = t.run.Once(ctx, o.Say, find, func() error {
		record.Sweep(checkpointFolder(t.run))
		var err error
		r, err = t.keep(ctx)
		return err
	})
	return r, err
}

// trainer holds the state of one call of Fit.
type trainer struct {
	Options
	backend *backend.Backend
	data    *dataset.Dataset
	config  Config
	run     *record.Run

	done  checkpoint // state at the end of the last finished epoch
	saved int        // epochs of the newest checkpoint
}

// find reads the run if it is finished and has everything that is wanted; otherwise it returns nil. Damaged parts are
// left for resume to report.
func (t *trainer) find() (*Result, error) {
	manifest, err := t.run.Manifest()
	if errors.Is(err, fs.ErrNotExist) || err == nil && !complete(manifest, t.Snapshots) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if last, _ := t.reusable(); last < t.config.Epochs {
		return nil, nil
	}
	final, err := readCheckpoint(t.run, manifest.Epochs, t.config)
	if err != nil {
		return nil, nil
	}
	if history, err := t.run.History(); err != nil || len(history) != len(final.history) {
		return nil, nil
	}
	return found(t.backend, t.run, t.config, manifest, final)
}

// keep trains the run, or continues it, and records its state in the run's folder.
func (t *trainer) keep(ctx context.Context) (*Result, error) {
	before, _ := t.run.Manifest() // find has reported its errors
	t.Snapshots = within(append(before.Snapshots, t.Snapshots...), t.config.Epochs)
	manifest := record.NewManifest()
	manifest.Backend, manifest.Plugin, manifest.Threads = t.backend.Kind, t.backend.Version, t.backend.Threads
	manifest.Data, manifest.DataChecksum = t.data.Name, t.data.Checksum
	manifest.Snapshots = t.Snapshots
	from, own := t.resume(before)
	if from.State != "" {
		manifest.After(from)
	}
	if own && from.State != "" { // otherwise there are checkpoints without a manifest
		manifest.Started = from.Started
	}
	if own && (from.State != record.Finished || t.saved == from.Epochs) { // the time of a run that is made again does not count
		manifest.WallSeconds = from.WallSeconds
	}
	manifest.Epochs = t.saved
	manifest.WallSeconds = max(manifest.WallSeconds, seconds(t.done.history)) // a killed process wrote no time
	if err := t.begin(ctx, &manifest); err != nil {
		return nil, err
	}
	if elsewhere := before.Place() != manifest.Place() || len(before.Earlier)+len(manifest.Earlier) > 0; elsewhere && t.saved < t.config.Epochs {
		if err := t.forget(before); err != nil {
			return nil, err
		}
	}
	started := time.Now()
	end := func(err error) error {
		manifest.End(ctx, started, t.saved, t.done.final().SHA256(), err)
		started = time.Now()
		return t.run.WriteManifest(manifest)
	}
	r, err := t.recorded(ctx, manifest)
	if err == nil {
		err = end(nil)
	}
	if err == nil {
		return r, nil
	}
	stopped := &StoppedError{Run: t.run.Name(), Epochs: t.config.Epochs, cause: err, cancelled: ctx.Err() != nil}
	stopped.lost = t.save()
	stopped.Done = t.saved
	if err := end(err); stopped.lost == nil {
		stopped.lost = err
	}
	return nil, stopped
}

// recorded trains the run and adds its scores.
func (t *trainer) recorded(ctx context.Context, manifest record.Manifest) (*Result, error) {
	if err := t.run.WriteManifest(manifest); err != nil {
		return nil, err
	}
	if err := t.train(ctx); err != nil {
		return nil, err
	}
	// A run that was trained again and stopped, and that continues after its last epoch, still has the history up to the stop.
	if err := t.run.WriteHistory(t.done.history); err != nil {
		return nil, err
	}
	r, err := t.result(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.run.AddScores(r.Scores...); err != nil {
		return nil, err
	}
	r.Scores, err = t.run.Scores()
	return r, err
}

// StoppedError says that a run was cancelled or failed, and how much of it was kept.
type StoppedError struct {
	Run          string
	Done, Epochs int // epochs kept, and epochs of the run
	cause        error
	cancelled    bool  // it was cancelled; cause may be another error of the same kind
	lost         error // why some of what was done could not be kept
}

func (e *StoppedError) Error() string {
	what, kept, then := fmt.Sprintf(": %v", e.cause), "nothing of it is kept", ""
	if e.cancelled {
		what = " was stopped"
	}
	if e.Done > 0 {
		kept = fmt.Sprintf("its state after epoch %d of %d is kept", e.Done, e.Epochs)
	}
	if e.cancelled && e.lost != nil {
		kept += fmt.Sprintf(" (%v)", e.lost)
	}
	switch {
	case e.Done == 0, errors.As(e.cause, new(*DivergedError)):
	case e.cancelled:
		then = ", and the same command continues from there"
	default:
		then = ", and once the problem is solved, the same command continues from there"
	}
	return "run " + e.Run + what + "; " + kept + then
}

func (e *StoppedError) Unwrap() error { return e.cause }

// seconds is the time of training of epochs.
func seconds(history []record.Epoch) (sum float64) {
	for _, h := range history {
		sum += h.Seconds
	}
	return sum
}

// forget removes what a finished run holds of the epochs after its saved state, and its scores. It is for a run that is
// trained again from there with another backend or processor, whose weights differ.
func (t *trainer) forget(before record.Manifest) error {
	if before.State == record.Finished {
		t.Say(fmt.Sprintf("run %s was finished with %s: what follows epoch %d is made again, and its scores are computed again", t.run.Name(), before.Place(), t.saved))
	}
	for _, epoch := range checkpointEpochs(t.run) {
		if epoch > t.saved {
			if err := os.Remove(checkpointPath(t.run, epoch)); err != nil {
				return err
			}
		}
	}
	return t.run.RemoveScores()
}

// resume loads the newest intact checkpoint that is not later than a missing snapshot. Without one it tries extend. It
// returns the manifest of the run that it continues, or an empty one, and whether that is the run itself.
func (t *trainer) resume(before record.Manifest) (from record.Manifest, own bool) {
	last, damage := t.reusable()
	if damage != nil {
		t.Say(fmt.Sprintf("the snapshot %v: it is made again", damage))
	}
	if before.State == record.Finished && last < t.config.Epochs {
		t.Say(fmt.Sprintf("run %s is finished, but not everything that is needed was kept: training it again", t.run.Name()))
	}
	for _, epoch := range checkpointEpochs(t.run) {
		if epoch > last {
			continue
		}
		found, err := readCheckpoint(t.run, epoch, t.config)
		if err != nil {
			t.Say(fmt.Sprintf("the checkpoint %v: it is not used", err))
			continue
		}
		t.done, t.saved = *found, epoch
		t.Say(fmt.Sprintf("run %s continues after epoch %d of %d", t.run.Name(), epoch, t.config.Epochs))
		if before.Backend != "" && before.Backend != t.backend.Kind {
			t.Say(fmt.Sprintf("run %s was started on %s and continues on %s: its bits will differ from those of a run on either one alone",
				t.run.Name(), before.Backend, t.backend.Kind))
		}
		return before, true
	}
	return t.extend(last), false
}

// reusable returns the last epoch after which training can continue without missing a snapshot. If the first snapshot
// that has to be taken again exists but is damaged, damage says why.
func (t *trainer) reusable() (last int, damage error) {
	for _, epoch := range t.Snapshots {
		if _, err := readSnapshot(t.run, epoch, t.config.Model); errors.Is(err, fs.ErrNotExist) {
			return epoch - 1, nil
		} else if err != nil {
			return epoch - 1, err
		}
	}
	return t.config.Epochs, nil
}

// begin sets the weights of a run of which no epoch is done: random ones, or the final weights of the run to start
// from. The manifest, unless it is nil, then names the places of that run.
func (t *trainer) begin(ctx context.Context, manifest *record.Manifest) error {
	switch {
	case len(t.done.history) > 0:
		return nil
	case t.config.Start == nil:
		t.done.weights = t.config.Model.Initial(t.config.Seed)
		return nil
	}
	o := t.Options
	o.Snapshots = nil
	start, err := Fit(ctx, t.backend, t.data, *t.config.Start, o)
	if err != nil {
		return fmt.Errorf("the run to start from: %w", err)
	}
	t.done.weights = start.Model.Weights
	if manifest == nil {
		return nil
	}
	before, err := start.Run.Manifest()
	if err == nil {
		manifest.After(before)
	}
	return err
}

// train trains from the state t.done to the last epoch, or until early stopping.
func (t *trainer) train(ctx context.Context) error {
	first := len(t.done.history)
	if first == 0 {
		if err := t.snapshot(0); err != nil {
			return err
		}
	}
	if _, stop := t.config.best(t.done.history); stop {
		return nil
	}
	e, err := newEngine(t.backend, t.config, t.data, t.done.weights, t.done.moments)
	if err != nil {
		return err
	}
	defer e.close()
	progress := Progress{Steps: t.config.Epochs * e.steps, Epochs: t.config.Epochs}
	if first > 0 {
		progress.Test = t.done.history[first-1].Test
	}
	saved := time.Now()
	for epoch, stop := first, false; !stop; epoch++ {
		started := time.Now()
		progress.Epoch = epoch + 1
		train, err := e.epoch(ctx, epoch, func(step int, mean record.Loss) {
			progress.Step, progress.Train = epoch*e.steps+step, mean
			t.Progress(progress)
		})
		if diverged := new(DivergedError); errors.As(err, &diverged) && diverged.Last == (record.Loss{}) && epoch > 0 {
			diverged.Last = t.done.history[epoch-1].Train // the first steps of the epoch diverged already
		}
		if err != nil {
			return err
		}
		seconds := time.Since(started).Seconds()
		test, err := e.evaluate(ctx)
		if err != nil {
			return err
		}
		if !finite(test) {
			return &DivergedError{Epoch: epoch + 1, Step: (epoch + 1) * e.steps, Last: train}
		}
		progress.Test = test
		weights, moments, err := e.state()
		if err != nil {
			return err
		}
		share := float64(epoch+1) / float64(t.config.Epochs)
		t.done.weights, t.done.moments = weights, moments
		t.done.history = append(t.done.history, record.Epoch{
			Epoch: epoch + 1, Step: (epoch + 1) * e.steps, Train: train, Test: test,
			Beta: t.config.beta(share), LearningRate: t.config.rate(share), Seconds: seconds,
		})
		var best int
		if best, stop = t.config.best(t.done.history); t.config.Patience > 0 && best == epoch+1 {
			t.done.best = t.done.weights
		}
		if err := t.snapshot(epoch + 1); err != nil {
			return err
		}
		if time.Since(saved) > t.SaveEvery || stop {
			if err := t.save(); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
	return nil
}

func finite(l record.Loss) bool { return !math.IsNaN(l.Total()) && !math.IsInf(l.Total(), 0) }

// save writes the state at the end of the last finished epoch, unless it is saved already. The history is written
// first, because an existing checkpoint means that everything was saved.
func (t *trainer) save() error {
	epochs := len(t.done.history)
	if t.run == nil || epochs == t.saved {
		return nil
	}
	if err := t.run.WriteHistory(t.done.history); err != nil {
		return err
	}
	if err := writeCheckpoint(t.run, t.done); err != nil {
		return err
	}
	t.saved = epochs
	return nil
}

// snapshot saves the weights of an epoch if it is one of the wanted snapshots.
func (t *trainer) snapshot(epoch int) error {
	if t.run == nil || !slices.Contains(t.Snapshots, epoch) {
		return nil
	}
	return writeSnapshot(t.run, epoch, t.done.weights)
}

// result makes the model and computes its losses on both splits.
func (t *trainer) result(ctx context.Context) (*Result, error) {
	model, err := autoencoder.NewModel(t.backend, t.config.Model, t.done.final())
	if err != nil {
		return nil, err
	}
	r := &Result{Config: t.config, Model: model, History: t.done.history, Run: t.run, device: t.backend}
	for _, part := range []struct {
		name  string
		split dataset.Split
	}{{"train", t.data.Train}, {"test", t.data.Test}} {
		score, err := model.Score(ctx, part.split.Images)
		if err != nil {
			return nil, err
		}
		r.Scores = append(r.Scores, Scores(t.config.Model, score, part.name, part.split.Len(), t.data.Checksum)...)
	}
	return r, nil
}

// within returns the epochs from 0 to last-1, sorted, each once. Epoch last is left out because its weights are the
// model's.
func within(epochs []int, last int) []int {
	sorted := slices.Sorted(slices.Values(epochs))
	return slices.DeleteFunc(slices.Compact(sorted), func(e int) bool { return e < 0 || e >= last })
}
