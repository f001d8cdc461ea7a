package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options say how much is measured. Everything is bounded: a run takes about rounds × seconds × connections × operations ×
// rivals.
type options struct {
	rounds, seconds, threads int
	connections              []int
	growth                   []int // live PINs, rising; empty for the comparison of rivals
	purge                    int   // PINs a second that fall due while the service grows
	operations               []operation
	rivals                   []rival
	named                    bool // whether rivals were asked for by name
	dir, record              string
}

func (o options) long() time.Duration { return time.Duration(o.seconds) * time.Second }

func parse(args []string, errOut io.Writer) (options, error) {
	var o options
	var only, connections, growth string
	var quick bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.IntVar(&o.rounds, "rounds", 5, "how often each rival has its turn")
	flags.IntVar(&o.seconds, "seconds", 5, "how long a turn takes")
	flags.IntVar(&o.threads, "threads", 2, "threads of the load generator")
	flags.StringVar(&connections, "connections", "64,256", "connections held open, one table section for each")
	flags.StringVar(&only, "only", "", "operations and rivals to measure, by comma; bare Echo always runs. Left out: all")
	flags.BoolVar(&quick, "quick", false, "one short round at 64 connections: shows that all works, and is no measurement")
	flags.StringVar(&growth, "growth", "", "numbers of live PINs, such as 10000,1000000,10000000: measure the service at each, and nothing else")
	flags.IntVar(&o.purge, "purge", 1000, "with -growth: PINs that expire each second, and as many that are removed")
	flags.StringVar(&o.dir, "dir", "bench-data", "folder for databases and logs, on the disk that is measured; made at the start, removed at the end")
	flags.StringVar(&o.record, "json", "", "file that every turn is added to, as a line of JSON")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if quick {
		o.rounds, o.seconds, connections = 1, 2, "64"
	}
	var err error
	if o.connections, err = numbers(connections); err != nil {
		return o, fmt.Errorf("-connections: %w", err)
	}
	if o.growth, err = numbers(growth); err != nil || !slices.IsSorted(o.growth) {
		return o, errors.Join(errors.New("-growth wants rising numbers"), err)
	}
	if o.rounds < 1 || o.seconds < 1 || o.threads < 1 || len(o.connections) == 0 || flags.NArg() > 0 {
		return o, errors.New("-rounds, -seconds, -threads and -connections must be at least 1, and there are no arguments")
	}
	return o, o.choose(only)
}

// choose keeps the operations and rivals that are named, or all of a kind of which none is. Bare Echo stays: everything is
// told as a share of it.
func (o *options) choose(only string) error {
	for name := range strings.SplitSeq(only, ",") {
		op := slices.IndexFunc(operations, func(op operation) bool { return op.name == name })
		r := slices.IndexFunc(rivals, func(r rival) bool { return r.name == name })
		switch {
		case op >= 0:
			o.operations = append(o.operations, operations[op])
		case r > 0:
			o.rivals = append(o.rivals, rivals[r])
		case name != "" && r < 0:
			return fmt.Errorf("-only: there is no operation and no rival %q", name)
		}
	}
	if o.operations == nil {
		o.operations = operations
	}
	if o.named = o.rivals != nil; !o.named {
		o.rivals = rivals[1:]
	}
	o.rivals = append([]rival{rivals[0]}, o.rivals...)
	return nil
}

func numbers(text string) (all []int, err error) {
	if text == "" {
		return nil, nil
	}
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number above 0", field)
		}
		all = append(all, n)
	}
	return all, nil
}
