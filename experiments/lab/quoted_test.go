package lab

import (
	"os/exec"
	"testing"
)

// What is printed can be run by a shell, which must return the same words.
func TestQuoted(t *testing.T) {
	for _, word := range []string{"", "-epochs", "my runs", "it's", "''", "$HOME", "a\nb", `back\slash`, "*", "~", "a=b", "-x=1", "größe", "#", "!"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Quoted(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is quoted as %s, which a shell reads as %q, %v", word, Quoted(word), out, err)
		}
	}
}
