package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"time"

	"fashionlatent/lib/words"
)

// The errors of package flag.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	bareFlag    = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	wrongValue  = regexp.MustCompile(`(?s)^invalid (?:boolean )?value ("(?:[^"\\]|\\.)*") for (?:flag )?-([^:]*): `)
)

// inWords is an error of package flag in plain words: what was given, and what would be right.
func (c *call) inWords(err error) error {
	text := err.Error()
	if found := unknownFlag.FindStringSubmatch(text); found != nil {
		var names []string
		c.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		near := words.Near(found[1], names, false)
		for i, name := range near {
			near[i] = "-" + name
		}
		return fmt.Errorf("there is no flag -%s%s", found[1], words.Question(near))
	}
	if found := bareFlag.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("-%s is given without a value, want %s", found[1], c.wanted(found[1]))
	}
	if found := wrongValue.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("-%s is %s, want %s", found[2], found[1], c.wanted(found[2]))
	}
	return errors.New(strings.TrimPrefix(text, "flag: "))
}

// wanted says what a flag takes.
func (c *call) wanted(name string) string {
	switch c.Lookup(name).Value.(flag.Getter).Get().(type) {
	case int:
		return "a whole number"
	case uint64:
		return "a whole number from 0"
	case float64:
		return "a number"
	case bool:
		return fmt.Sprintf("-%[1]s alone, or -%[1]s=true or -%[1]s=false", name)
	case time.Duration:
		return "a time with its unit, such as 30s or 5m"
	}
	what, _ := flag.UnquoteUsage(c.Lookup(name))
	if strings.HasSuffix(what, "s") && what != "loss" {
		return what // such as nodes
	}
	return "a " + what
}
