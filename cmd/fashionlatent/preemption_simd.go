//go:build goexperiment.simd && amd64 && unix

package main

import (
	"os"
	"strings"
	"syscall"
)

// withoutPreemption starts the program again without asynchronous preemption, unless GODEBUG says something about it. On
// some Intel processors the runtime's preemption makes scalar float code slow, as package points explains at ClearUpper.
// The project's own loops restore the speed themselves. Those of GoMLX's pure Go backend do not: without preemption they
// train in about a third of the time. The setting is read only when a program starts. If it cannot start again, the
// program goes on as it is.
func withoutPreemption() {
	const name, setting = "GODEBUG", "asyncpreemptoff="
	had := os.Getenv(name)
	program, err := os.Executable()
	if err != nil || strings.Contains(had, setting) {
		return
	}
	os.Setenv(name, strings.TrimPrefix(had+","+setting+"1", ","))
	syscall.Exec(program, os.Args, os.Environ())
}
