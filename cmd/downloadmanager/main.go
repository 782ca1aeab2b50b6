// Command downloadmanager is the product: the server and the tools around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, restore)
	err := run(ctx, os.Args[1:], processEnvironment, os.Stdin, os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "downloadmanager:", err)
	if _, usage := errors.AsType[usageError](err); usage {
		fmt.Fprintln(os.Stderr, `Run "downloadmanager --help" for more information.`)
		os.Exit(exitUsage)
	}
	os.Exit(exitFailed)
}

// run is the program, without what only a process has. It ends when ctx does.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	command, err := parse(args, getenv, stdout, stderr)
	switch {
	case errors.Is(err, errHelp):
		return nil
	case err != nil:
		return err
	}
	return command.Run(&session{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr})
}

// session is what a command is run with.
type session struct {
	ctx            context.Context //nolint:containedctx // as an argument of kong's Run methods
	stdin          io.Reader
	stdout, stderr io.Writer
}
