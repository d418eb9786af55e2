// Gomlx installs the XLA plugins that GoMLX's own installer chooses for this machine (the processor's, and the GPU's where
// there is an NVIDIA GPU) in the folder FOLDER/go-xla.
//
// Usage: gomlx FOLDER
package main

import (
	"fmt"
	"os"

	"github.com/gomlx/go-xla/installer"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gomlx FOLDER")
		os.Exit(2)
	}
	if err := installer.AutoInstall(os.Args[1], true, installer.Verbose); err != nil {
		fmt.Fprintln(os.Stderr, "gomlx:", err)
		os.Exit(1)
	}
}
