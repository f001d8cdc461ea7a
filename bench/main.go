// Command bench measures the service beside its rivals, over real HTTP on loopback: see README.md beside this file.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the harness, or what the harness starts: each server is a process of its own, so that its processor time and its
// memory are its own too.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			return serve(ctx, args[1:], in, out, errOut)
		case "fill":
			return fill(ctx, args[1:], out, errOut)
		}
	}
	o, err := parse(args, errOut)
	if err != nil {
		return err
	}
	return measure(ctx, o, out, errOut)
}
