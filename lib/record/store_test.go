package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// recipe is a specification like that of a training.
type recipe struct {
	Model  string  `json:"model"`
	Hidden []int   `json:"hidden"`
	Beta   float64 `json:"beta"`
	Seed   uint64  `json:"seed"`
	Data   string  `json:"data"`
}

var someRecipe = recipe{"vae", []int{512, 256}, 0.5, math.MaxUint64, "c59f"}

func newRun(t testing.TB, s *Store, slug string, spec any) *Run {
	t.Helper()
	run, err := s.Run(slug, spec)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// created makes the run of someRecipe in a new store.
func created(t testing.TB) (*Store, *Run) {
	t.Helper()
	store := Open(filepath.Join(t.TempDir(), "runs"))
	run := newRun(t, store, "vae-2", someRecipe)
	if err := run.Create(); err != nil {
		t.Fatal(err)
	}
	return store, run
}

// overwrite writes content to a file of the run, as an editor or an accident would.
func overwrite(t testing.TB, run *Run, name, content string) {
	t.Helper()
	if err := os.WriteFile(run.path(name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// listed returns the only run of the store from List.
func listed(t testing.TB, store *Store) *Run {
	t.Helper()
	runs, err := store.List()
	if err != nil || len(runs) != 1 {
		t.Fatalf("List gives %v, %v; want one run", runs, err)
	}
	return runs[0]
}

func TestIdentityIsStable(t *testing.T) {
	// The first 12 digits of
	// printf '%s' '{"format":2,"spec":{"beta":0.5,"data":"c59f","hidden":[512,256],"model":"vae","seed":18446744073709551615}}' | sha256sum
	const want = "60ba30325476"
	run := newRun(t, Open("runs"), "vae-2", someRecipe)
	if run.ID() != want {
		t.Errorf("ID is %s, want %s: runs made so far would not be found again; if that is meant, raise Format", run.ID(), want)
	}
	if run.Name() != "vae-2-"+want || run.Folder() != filepath.Join("runs", run.Name()) {
		t.Errorf("name %s, folder %s", run.Name(), run.Folder())
	}
}

func TestSameIdentity(t *testing.T) {
	want := newRun(t, Open("runs"), "vae", someRecipe).ID()
	tests := map[string]any{
		"pointer": &someRecipe,
		"map": map[string]any{"seed": uint64(math.MaxUint64), "model": "vae", "hidden": [2]int{512, 256}, "data": "c59f",
			"beta": float32(0.5)},
		"order of fields": struct {
			Seed   uint64  `json:"seed"`
			Data   string  `json:"data"`
			Beta   float64 `json:"beta"`
			Model  string  `json:"model"`
			Hidden []int   `json:"hidden"`
		}{math.MaxUint64, "c59f", 0.5, "vae", []int{512, 256}},
		"JSON": json.RawMessage(`{ "seed":18446744073709551615, "beta":0.5, "model":"\u0076ae", "hidden":[512, 256], "data":"c59f" }`),
	}
	for name, spec := range tests {
		if got := newRun(t, Open("elsewhere"), "another-slug", spec).ID(); got != want {
			t.Errorf("%s: ID %s, want %s", name, got, want)
		}
	}
}

func TestAnotherIdentity(t *testing.T) {
	seen := map[string]string{newRun(t, Open("runs"), "vae", someRecipe).ID(): "unchanged"}
	changes := map[string]func(*recipe){
		"model":         func(r *recipe) { r.Model = "ae" },
		"hidden layer":  func(r *recipe) { r.Hidden = []int{512, 255} },
		"layers":        func(r *recipe) { r.Hidden = []int{512} },
		"order":         func(r *recipe) { r.Hidden = []int{256, 512} },
		"beta":          func(r *recipe) { r.Beta = math.Nextafter(0.5, 1) },
		"seed":          func(r *recipe) { r.Seed-- }, // the same float64
		"data":          func(r *recipe) { r.Data = "" },
		"no layers":     func(r *recipe) { r.Hidden = []int{} },
		"null":          func(r *recipe) { r.Hidden = nil },
		"negative zero": func(r *recipe) { r.Beta = math.Copysign(0, -1) },
		"zero":          func(r *recipe) { r.Beta = 0 },
	}
	for name, change := range changes {
		changed := someRecipe
		change(&changed)
		id := newRun(t, Open("runs"), "vae", changed).ID()
		if same, ok := seen[id]; ok {
			t.Errorf("%s and %s have the same ID", name, same)
		}
		seen[id] = name
	}
	raw, _ := json.Marshal(someRecipe)
	other, err := identity(Format+1, raw)
	if same, ok := seen[other]; ok || err != nil {
		t.Errorf("another format and %s have the same ID, %v", same, err)
	}
}

func TestRunRefuses(t *testing.T) {
	var none *recipe
	tests := []struct {
		slug string
		spec any
		err  string
	}{
		{"", 1, `""`},
		{"VAE", 1, `"VAE"`},
		{"a/b", 1, `"a/b"`},
		{"..", 1, `".."`},
		{"-a", 1, `"-a"`},
		{"vae\n", 1, `"vae\n"`},
		{"größe", 1, "a-z, 0-9 and -"},
		{strings.Repeat("a", 101), 1, "1 to 100"},
		{"vae", nil, "nil"},
		{"vae", none, "*record.recipe(nil)"},
		{"vae", math.NaN(), "NaN"},
		{"vae", func() {}, "func()"},
	}
	for _, test := range tests {
		run, err := Open("runs").Run(test.slug, test.spec)
		if run != nil {
			t.Errorf("%q, %v gives a run", test.slug, test.spec)
		}
		wantError(t, err, test.err)
	}
}

func TestCreateAndLoad(t *testing.T) {
	store, run := created(t)
	if err := run.Create(); err != nil {
		t.Errorf("a second time: %v", err)
	}
	const want = `{
  "format": 2,
  "id": "60ba30325476",
  "spec": {
    "model": "vae",
    "hidden": [
      512,
      256
    ],
    "beta": 0.5,
    "seed": 18446744073709551615,
    "data": "c59f"
  }
}
`
	wantConfig := func() {
		t.Helper()
		got, err := os.ReadFile(run.path(configName))
		if err != nil || string(got) != want {
			t.Errorf("%s is %s, %v; want %s", configName, got, err, want)
		}
		entries, err := os.ReadDir(run.Folder())
		if err != nil || len(entries) != 2 || entries[1].Name() != "config.lock" {
			t.Errorf("the folder has %v, %v; want the configuration and the lock", entries, err)
		}
	}
	wantConfig()

	t.Chdir(run.Folder())
	for _, folder := range []string{run.Name(), run.Folder(), run.Folder() + "/", ".", filepath.Join("..", run.Name())} {
		loaded, err := store.Load(folder)
		if err != nil {
			t.Errorf("%q: %v", folder, err)
			continue
		}
		var got recipe
		if err := loaded.Spec(&got); err != nil || !reflect.DeepEqual(got, someRecipe) {
			t.Errorf("%q: the spec is %v, %v", folder, got, err)
		}
		if loaded.ID() != run.ID() || loaded.Name() != run.Name() {
			t.Errorf("%q: loaded as %s", folder, loaded.Name())
		}
	}
	if got := listed(t, store); got.Folder() != run.Folder() {
		t.Errorf("listed as %s", got.Folder())
	}

	if err := os.Remove(run.path(configName)); err != nil {
		t.Fatal(err)
	}
	if err := run.Create(); err != nil {
		t.Errorf("after a crash between folder and file: %v", err)
	}
	wantConfig()
}

func TestSpecDoesNotFit(t *testing.T) {
	_, run := created(t)
	var part struct{ Model string }
	wantError(t, run.Spec(&part), run.Name(), `unknown field "hidden"`)
	var parts map[string]json.RawMessage
	if err := run.Spec(&parts); err != nil || string(parts["seed"]) != "18446744073709551615" {
		t.Errorf("parts %s, %v", parts, err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	_, run := created(t)
	content, err := os.ReadFile(run.path(configName))
	if err != nil {
		t.Fatal(err)
	}
	whole := string(content)
	tests := []struct{ name, content, err string }{
		{"value", strings.Replace(whole, "0.5", "0.6", 1), "changed by hand"},
		{"seed, same float64", strings.Replace(whole, "615", "614", 1), "changed by hand"},
		{"id", strings.Replace(whole, "60ba", "00ba", 1), "changed by hand"},
		{"older format", strings.Replace(whole, `: 2,`, `: 1,`, 1), "has format 1 and this program reads format 2: use"},
		{"newer format, other fields", `{"format": 3, "what": {}}`, "has format 3 and this program reads format 2: use"},
		{"no format", strings.Replace(whole, `"format": 2,`, "", 1), `no "format"`},
		{"no spec", `{"format": 2, "id": "60ba30325476"}`, `no "spec"`},
		{"unknown field", strings.Replace(whole, `"id"`, `"note": "", "id"`, 1), `unknown field "note"`},
		{"type of format", `{"format": "1"}`, "is damaged"},
		{"empty", "", "is damaged"},
		{"garbled", "\x00\xff", "is damaged"},
		{"twice", whole + whole, "is damaged"},
		{"a list", "[]", "is damaged"},
	}
	for cut := 1; cut < len(strings.TrimSpace(whole)); cut += 7 {
		tests = append(tests, struct{ name, content, err string }{fmt.Sprint("cut at ", cut), whole[:cut], "is damaged"})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store, run := created(t)
			if test.content == whole {
				t.Fatal("the case changes nothing")
			}
			overwrite(t, run, configName, test.content)
			_, err := store.Load(run.Name())
			wantError(t, err, run.path(configName), test.err)
			wantError(t, run.Create(), run.path(configName), test.err)

			// A listed run is checked before anything in it is used.
			of := listed(t, store)
			wantError(t, of.Spec(new(recipe)), test.err)
			_, err = of.History()
			wantError(t, err, test.err)
			_, err = of.Scores()
			wantError(t, err, test.err)
			_, err = of.Manifest()
			wantError(t, err, test.err)
			wantError(t, of.AddScores(scored("acc", 1, "")), test.err)
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	store, run := created(t)
	_, err := store.Load("vae-2-0123456789ab")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such run: %v", err)
	}
	for _, name := range []string{"vae-2-0123456789ab", "vae"} {
		renamed := filepath.Join(filepath.Dir(run.Folder()), name)
		if err := os.Rename(run.Folder(), renamed); err != nil {
			t.Fatal(err)
		}
		_, err := store.Load(renamed)
		wantError(t, err, renamed, "rename", run.ID())
		if err := os.Rename(renamed, run.Folder()); err != nil {
			t.Fatal(err)
		}
	}
}

// A process that is killed while it creates a run leaves a temporary file. It is no run yet, and whoever creates the run next removes it.
func TestCreateAfterAKilledProcess(t *testing.T) {
	store := Open(filepath.Join(t.TempDir(), "runs"))
	run := newRun(t, store, "vae-2", someRecipe)
	if err := os.MkdirAll(run.Folder(), 0o755); err != nil {
		t.Fatal(err)
	}
	left := tempPrefix(configName) + "123" + tempSuffix
	overwrite(t, run, left, `{"format": `)
	overwrite(t, run, configLock, "")
	if runs, err := store.List(); err != nil || len(runs) != 0 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	if err := run.Create(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(run.path(left)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	if _, err := store.Load(run.Name()); err != nil {
		t.Error(err)
	}
}

// A run that somebody is training already can be created by others who have not seen its configuration yet.
func TestCreateWhileHeld(t *testing.T) {
	_, run := created(t)
	release, err := run.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.Remove(run.path(configName)); err != nil {
		t.Fatal(err)
	}
	if err := run.Create(); err != nil {
		t.Error(err)
	}
}

func TestCreateRefusesACollision(t *testing.T) {
	store, run := created(t)
	other := &Run{run.folder, func() (json.RawMessage, error) { return json.RawMessage(`{"model":"ae"}`), nil }}
	wantError(t, other.Create(), run.Name(), "same id")
	if _, err := store.Load(run.Name()); err != nil {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "runs")
	store := Open(folder)
	if runs, err := store.List(); runs != nil || err != nil {
		t.Errorf("a store that is not there yet gives %v, %v", runs, err)
	}
	var want []string
	for _, slug := range []string{"vae", "ae", "ae-64"} {
		run := newRun(t, store, slug, slug)
		if err := run.Create(); err != nil {
			t.Fatal(err)
		}
		want = append(want, run.Name())
	}
	empty := filepath.Join(folder, "vae-0123456789ab")
	misnamed := filepath.Join(folder, "best")
	for _, sub := range []string{"notes", ".git", "vae-0123456789ab", "best"} {
		if err := os.Mkdir(filepath.Join(folder, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"README.md", "best/config.json", ".git/config.json"} {
		if err := os.WriteFile(filepath.Join(folder, file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := store.List()
	var got []string
	for _, run := range runs {
		got = append(got, run.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("runs %q, want %q", got, want)
	}
	wantError(t, err, empty, "config.json", misnamed, "rename")
	if n := len(strings.Split(err.Error(), "\n")); n != 2 {
		t.Errorf("%d problems, want 2:\n%v", n, err)
	}
}

func BenchmarkList(b *testing.B) {
	store := Open(b.TempDir())
	for i := range 5000 {
		run := newRun(b, store, "vae", i)
		if err := os.MkdirAll(run.Folder(), 0o755); err != nil {
			b.Fatal(err)
		}
		overwrite(b, run, configName, "")
	}
	for b.Loop() {
		if runs, err := store.List(); len(runs) != 5000 || err != nil {
			b.Fatal(len(runs), err)
		}
	}
}
