//go:build race

package latent

func init() { raceDetector = true }
