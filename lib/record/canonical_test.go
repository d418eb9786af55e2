package record

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Sorting the bytes gives what decoding and encoding gives.
func TestCanonical(t *testing.T) {
	for _, content := range []string{
		`1`, `-1.50e-7`, `"a"`, `null`, `[]`, `{}`, `[[],{}]`, ` [ 1 , "a, b" , { } ] `,
		`{"b": 1, "a": {"d": [true, {"f": "}", "e": "]"}], "c": 18446744073709551615}}`,
		`{"a b": 1, "a": 2, "a!": 3, "": 4, "A": 5, "a\"": 6}`,
		`{"a": 1, "b": 2, "a": {"c": 3}}`, // the last of a key that is there twice stays
		`{"é": "ü", "z": "<&>", "y": "\u0041"}`,
	} {
		got, err := canonical(json.RawMessage(content))
		want, errWant := encodedAgain([]byte(content))
		if err != nil || errWant != nil || string(got) != string(want) {
			t.Errorf("%s:\n%s, %v\nwant\n%s, %v", content, got, err, want, errWant)
		}
	}
	for _, content := range []string{``, `{`, `{"a"}`, `[1,]`, `{"a":1,}`, `"a`, `nul`} {
		if got, err := canonical(json.RawMessage(content)); err == nil {
			t.Errorf("%s: got %s, want an error", content, got)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		content, err := json.MarshalIndent(anything(random, 4), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got, err := canonical(json.RawMessage(content))
		want, errWant := encodedAgain(content)
		if err != nil || errWant != nil || string(got) != string(want) {
			t.Fatalf("%s:\n%s, %v\nwant\n%s, %v", content, got, err, want, errWant)
		}
	}
}

// anything is a random value, with lists and objects in each other up to a depth.
func anything(random *rand.Rand, depth int) any {
	text := func() string {
		return strings.Map(func(rune) rune { return []rune(" !aB{[,:]}0é<")[random.IntN(13)] }, strings.Repeat("x", random.IntN(6)))
	}
	switch random.IntN(3 + 2*min(depth, 2)) {
	case 0:
		return random.NormFloat64()
	case 1:
		return text()
	case 2:
		return []any{nil, true, uint64(1<<64 - 1)}[random.IntN(3)]
	case 3, 4:
		list := make([]any, random.IntN(4))
		for i := range list {
			list[i] = anything(random, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for i := range random.IntN(4) {
		object[fmt.Sprint(text(), i)] = anything(random, depth-1)
	}
	return object
}

func BenchmarkCanonical(b *testing.B) {
	m := NewManifest()
	for b.Loop() {
		if _, err := canonical(m); err != nil {
			b.Fatal(err)
		}
	}
}
