//go:build !(((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla)

package backend

import "errors"

func openXLA(string, int) (*Backend, error) {
	return nil, errors.New("this program was built without XLA (no support for this platform, or the tag noxla); GOMLX_BACKEND=go works everywhere")
}
