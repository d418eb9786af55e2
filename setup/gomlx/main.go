// Gomlx installs XLA plugins in the folder FOLDER/go-xla: those that GoMLX's installer chooses for this machine, one for the
// processor and one for an NVIDIA GPU if there is one.
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
