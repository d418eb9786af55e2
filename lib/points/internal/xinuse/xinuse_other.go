//go:build !amd64

package xinuse

// Known is false: there is nothing to know on this processor.
func Known() bool { return false }

// Upper is never called.
func Upper() bool { return false }
