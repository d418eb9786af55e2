//go:build !amd64

package xinuse

// Known is false, because this processor has no such registers.
func Known() bool { return false }

// Upper is never called, because Known is false.
func Upper() bool { return false }
