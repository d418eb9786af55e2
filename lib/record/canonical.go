package record

import (
	"bytes"
	"encoding/json"
)

// canonical writes a value as JSON without spaces, keys sorted, numbers digit for digit as they are.
func canonical(v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // a seed does not fit a float64
	var sorted any
	if err := decoder.Decode(&sorted); err != nil {
		return nil, err
	}
	return json.Marshal(sorted) // encoding/json sorts the keys of maps
}
