package record

import (
	"bytes"
	"encoding/json"
	"slices"
)

// canonical writes a value as JSON without spaces, keys sorted, numbers digit for digit as they are.
func canonical(v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if plain(content) {
		s := sorter{rest: content}
		if out := s.value(make([]byte, 0, len(content))); !s.twice {
			return out, nil
		}
	}
	return encodedAgain(content)
}

func encodedAgain(content []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // a seed does not fit a float64
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v) // encoding/json sorts the keys of maps
}

// plain says whether all strings are written in one way only: nothing is escaped and nothing has to be. Nearly every file of a
// run is such, and then sorting its bytes gives in a fraction of the time what decoding and encoding it does.
func plain(content []byte) bool {
	return !slices.ContainsFunc(content, func(b byte) bool { return b >= 0x7f || b == '\\' || b == '<' || b == '>' || b == '&' })
}

// sorter sorts the keys of plain, compact, valid JSON.
type sorter struct {
	rest  []byte // what is still to be read
	twice bool   // a key was there twice
}

// value moves a value from the rest to out.
func (s *sorter) value(out []byte) []byte {
	switch s.rest[0] {
	case '{':
		return s.object(out)
	case '[':
		for s.rest[0] != ']' {
			out, s.rest = append(out, s.rest[0]), s.rest[1:] // [ or ,
			if s.rest[0] != ']' {
				out = s.value(out)
			}
		}
		s.rest = s.rest[1:]
		return append(out, ']')
	case '"':
		return s.move(out, 2+bytes.IndexByte(s.rest[1:], '"'))
	}
	if end := bytes.IndexAny(s.rest, ",]}"); end >= 0 {
		return s.move(out, end)
	}
	return s.move(out, len(s.rest))
}

func (s *sorter) object(out []byte) []byte {
	type member struct{ key, value []byte }
	var members []member
	for s.rest[0] != '}' {
		s.rest = s.rest[1:] // { or ,
		if s.rest[0] == '}' {
			break
		}
		end := 2 + bytes.IndexByte(s.rest[1:], '"')
		m := member{key: s.rest[:end]}
		s.rest = s.rest[end+1:] // after the :
		m.value = s.value(nil)
		members = append(members, m)
	}
	s.rest = s.rest[1:]
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(a.key[:len(a.key)-1], b.key[:len(b.key)-1]) })
	out = append(out, '{')
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
			s.twice = s.twice || bytes.Equal(m.key, members[i-1].key)
		}
		out = append(append(append(out, m.key...), ':'), m.value...)
	}
	return append(out, '}')
}

// move moves n bytes from the rest to out.
func (s *sorter) move(out []byte, n int) []byte {
	out, s.rest = append(out, s.rest[:n]...), s.rest[n:]
	return out
}
