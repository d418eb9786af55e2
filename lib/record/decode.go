package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"fashionlatent/lib/words"
)

// Decode reads one JSON value into the value that v points to. An unknown field and anything after the value are errors.
// The errors name fields as they stand in the JSON, and no Go types.
func Decode(content []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return plain(err, v)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON value, at byte %d", decoder.InputOffset())
	}
	return nil
}

// plain is an error of encoding/json about a value for v in plain words.
func plain(err error, v any) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	if name, unknown := strings.CutPrefix(err.Error(), `json: unknown field "`); unknown {
		name = strings.TrimSuffix(name, `"`)
		known := slices.DeleteFunc(fields(reflect.TypeOf(v), map[reflect.Type]bool{}), func(f string) bool { return f == name }) // known at another place
		return fmt.Errorf("it has an unknown field %q%s", name, words.DidYouMean(name, known))
	}
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF, errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return errors.New("it ends before its JSON value does")
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON: %v, at byte %d", syntax, syntax.Offset)
	case errors.As(err, &kind):
		what := kind.Field
		if what == "" {
			what = "its JSON value"
		}
		value := kind.Value
		switch word, number, _ := strings.Cut(value, " "); {
		case number != "":
			value = number
		case word == "string":
			value = "a text in quotes"
		case word == "bool":
			value = "true or false"
		case word == "array":
			value = "a list"
		case word == "object":
			value = "an object in braces"
		case word == "number":
			value = "a number"
		}
		return fmt.Errorf("%s is %s, want %s", what, value, inWords(kind.Type))
	}
	return err
}

// inWords is the JSON that a type is read from.
func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number from 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text in quotes"
	case reflect.Slice, reflect.Array:
		return "a list in brackets"
	case reflect.Pointer:
		return inWords(t.Elem())
	}
	return "an object in braces"
}

// fields are the names of the fields of a type and of the types in it, as JSON has them.
func fields(t reflect.Type, seen map[reflect.Type]bool) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
		names = append(names, fields(f.Type, seen)...)
	}
	return names
}
