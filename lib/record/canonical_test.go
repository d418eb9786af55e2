package record

import (
	"encoding/json"
	"testing"
)

func TestCanonical(t *testing.T) {
	for content, want := range map[string]string{
		`1`: `1`, `-1.50e-7`: `-1.50e-7`, `null`: `null`, ` [ 1 , "a, b" , { } ] `: `[1,"a, b",{}]`,
		`{"b": 1, "a": {"d": [true, {"f": "}", "e": "]"}], "c": 18446744073709551615}}`: `{"a":{"c":18446744073709551615,"d":[true,{"e":"]","f":"}"}]},"b":1}`,
		`{"a b": 1, "a": 2, "a!": 3, "": 4, "A": 5, "a\"": 6}`:                          `{"":4,"A":5,"a":2,"a b":1,"a!":3,"a\"":6}`,
		`{"a": 1, "b": 2, "a": {"c": 3}}`:                                               `{"a":{"c":3},"b":2}`, // of a repeated key, the last value counts
		`{"é": "ü", "z": "<&>", "y": "\u0041"}`:                                         `{"y":"A","z":"\u003c\u0026\u003e","é":"ü"}`,
	} {
		if got, err := canonical(json.RawMessage(content)); err != nil || string(got) != want {
			t.Errorf("%s:\n%s, %v\nwant\n%s", content, got, err, want)
		}
	}
	for _, content := range []string{``, `{`, `{"a"}`, `[1,]`, `{"a":1,}`, `"a`, `nul`} {
		if got, err := canonical(json.RawMessage(content)); err == nil {
			t.Errorf("%s: got %s, want an error", content, got)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	m := NewManifest()
	for b.Loop() {
		if _, err := canonical(m); err != nil {
			b.Fatal(err)
		}
	}
}
