package main

import (
	"os"
	"path/filepath"
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
			words = append(words, name+"="+lab.Quoted(value))
		}
	}
	if program := os.Args[0]; strings.Contains(program, string(filepath.Separator)+"go-build") { // the program is removed when go run ends
		words = append(words, "go run fashionlatent/cmd/fashionlatent")
	} else {
		words = append(words, lab.Quoted(program))
	}
	for _, arg := range append([]string{command}, args...) {
		words = append(words, lab.Quoted(arg))
	}
	return strings.Join(words, " ")
}
