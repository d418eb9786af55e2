package record

import (
	"bytes"
	"encoding/json"
)

// canonical is a value as JSON without spaces, with sorted keys. Numbers keep their digits.
func canonical(v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // a seed may not fit a float64
	var sorted any
	if err := decoder.Decode(&sorted); err != nil {
		return nil, err
	}
	return json.Marshal(sorted) // encoding/json sorts the keys of maps
}
