package notebook

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sources is a notebook with these code cells.
func sources(cells ...string) []byte {
	var all []string
	for i, c := range cells {
		all = append(all, fmt.Sprintf(`{"cell_type": "code", "id": "c%d", "metadata": {}, "source": %q, "outputs": [], "execution_count": null}`, i, c))
	}
	return nbJSON(all...)
}

func TestStyle(t *testing.T) {
	for _, test := range []struct {
		name     string
		notebook []byte
		want     []string
	}{
		{"empty", sources(), nil},
		{"commands alone", sources("%noautoget", "!ls 'a", "%%bash\nfor i in 1 2; do echo; done"), nil},
		{"statements", sources("%%\nfmt.Println(1)"), nil},
		{"the longest cell", sources("%%\n" + strings.Repeat("f()\n", MostLines-1)), nil},
		{"one line more", sources("%noautoget", "%%\n"+strings.Repeat("f()\n", MostLines)), []string{
			"code cell 2: 16 lines, want 15 or fewer: move some into the library"}},
		{"no Go", sources("%%\nx := ("), []string{"code cell 1: is no Go: expected operand, found '}'"}},
		{"used in a later cell", sources(`import "fmt"`, "%%\nfmt.Println(1)"), nil},
		{"used under another name", sources("import (\n\tf \"fmt\"\n\t\"math/rand/v2\"\n)", "%%\nf.Println(rand.Int())"), nil},
		{"not seen by name", sources("import _ \"embed\"\nimport . \"math\""), nil},
		{"for readers", sources("import \"fmt\""), nil},
		{"unused", sources("%noautoget", "import (\n\tf \"fmt\"\n\t\"math/rand/v2\"\n)\nvar fmt = x.f", "%%\nprintln(`rand.Int`, \"f.x\") // f.Println"), []string{
			`code cell 2: imports "fmt", which no cell uses`, `code cell 2: imports "math/rand/v2", which no cell uses`}},
		{"no notebook", []byte("x"), []string{"not a notebook: invalid character 'x' looking for beginning of value"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range Style(test.notebook) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFix(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"statements", "%%\nif  x {\n  f( 1 )}\n", "%%\nif x {\n\tf(1)\n}"},
		{"declarations", "import \"fmt\"\nfunc  f() {fmt.Println()}", "import \"fmt\"\n\nfunc f() { fmt.Println() }"},
		{"formatted already", "%%\nf(1)", "%%\nf(1)"},
		{"command before another", "%noautoget\n\n!ls  x\n%%\nf( )", "%noautoget\n\n!ls  x\n%%\nf()"},
		{"commands alone", "%env  A  b", "%env  A  b"},
		{"another language", "%%bash\nx=( 1 )", "%%bash\nx=( 1 )"},
		{"no Go", "%%\nf( (", "%%\nf( ("},
	} {
		t.Run(test.name, func(t *testing.T) {
			fixed, err := Fix(sources(test.source))
			if err != nil {
				t.Fatal(err)
			}
			nb, err := decode(fixed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(nb.Cells[0].Source)); diff != "" {
				t.Errorf("source (-want +got):\n%s", diff)
			}
		})
	}
}

// What can be fixed is written. What cannot is reported with notebook, cell and value.
func TestFixAll(t *testing.T) {
	folder := t.TempDir()
	long := "%%\n" + strings.Repeat("f( )\n", MostLines)
	for name, content := range map[string][]byte{
		"1-good.ipynb": nil, "2-outputs.ipynb": nbJSON(codeCell(`{"output_type": "stream", "name": "stdout", "text": "x"}`)),
		"3-long.ipynb": sources(long), "10-twice.ipynb": nbJSON(codeCell(""), codeCell("")),
	} {
		if content == nil {
			content, _ = Fix(sources("%%\nf()"))
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const left = `FAIL  3-long
      code cell 1: 16 lines, want 15 or fewer: move some into the library
FAIL  10-twice
      cell 2 has the id "a" of a cell before it
notebooks: 2 passed, 2 failed
`
	if results, err := FixAll(folder, "1-good"); err != nil || len(results) != 1 || results[0].Fixed {
		t.Errorf("of one notebook: %+v, %v", results, err)
	}
	if _, err := FixAll(folder, "1-god"); err == nil || !strings.Contains(err.Error(), "did you mean 1-good?") {
		t.Errorf("of one that is not there: %v", err)
	}
	for _, want := range []string{
		"ok    1-good  (unchanged)\nok    2-outputs  (fixed)\n" + left,
		"ok    1-good  (unchanged)\nok    2-outputs  (unchanged)\n" + left,
	} {
		results, err := FixAll(folder)
		if err != nil {
			t.Fatal(err)
		}
		var s strings.Builder
		if _, err := Report(&s, results); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.String()); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
	}
	if _, err := FixAll(filepath.Join(folder, "nowhere")); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
