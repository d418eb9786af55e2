package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
)

// settings are the environment variables that commands depend on.
var settings = slices.Concat([]string{backend.EnvVar, backend.EnvPlugins}, fashion.Variables(), []string{lab.EnvScale, lab.EnvResults, lab.EnvData, lab.EnvK})

// again is the command line, for a POSIX shell in the same folder, that runs the same command again.
func again(command string, args []string) string {
	var words []string
	for _, name := range settings {
		if value := os.Getenv(name); value != "" {
			words = append(words, name+"="+quoted(value))
		}
	}
	if program := os.Args[0]; strings.Contains(program, string(filepath.Separator)+"go-build") { // the program is removed when go run ends
		words = append(words, "go run fashionlatent/cmd/fashionlatent")
	} else {
		words = append(words, quoted(program))
	}
	for _, arg := range append([]string{command}, args...) {
		words = append(words, quoted(arg))
	}
	return strings.Join(words, " ")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./-]+$`)

// quoted is a word with the quotes that a POSIX shell needs.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
